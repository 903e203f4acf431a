/** Follows a `ReadableStream` of a framework by handing out another one that reads from it, chunk by chunk. */
import type { ReadableStreamReadResult } from 'node:stream/web'
import { type Context, context } from '@opentelemetry/api'
import type { StreamReader } from '#src/call/model-api.ts'
import type { ModelCall } from '#src/call/model-call.ts'
import { cancelWhenForgotten, endOf, stopEarly } from '#src/call/observe-stream.ts'

export interface ReadableReader extends StreamReader {
  /** A failure that came as a chunk; `undefined` = none so far. */
  readonly error: unknown
}

/**
 * Reads in `outside`, the context of the caller: what a tool does on a chunk must not count as a part of this call, whose span is
 * current where its request was sent. Without `call` nobody records it, and chunks that are not the caller's stay hidden.
 */
export const observeReadable = <Chunk>(
  source: ReadableStream<Chunk>,
  reader: ReadableReader,
  call: ModelCall | undefined,
  outside: Context,
): ReadableStream<Chunk> => {
  call?.follow(reader.answer)
  const chunks = source.getReader()
  const next = async (): Promise<ReadableStreamReadResult<Chunk>> => {
    let result: ReadableStreamReadResult<Chunk>
    do result = await chunks.read()
    while (!result.done && !reader.read(result.value))
    return result
  }
  const readable = new ReadableStream<Chunk>(
    {
      pull: (controller) =>
        context.with(outside, async () => {
          try {
            const { done, value } = await next()
            if (!done) return controller.enqueue(value)
            endOfChunks(reader, call)
            return controller.close()
          } catch (error) {
            call?.fail(error, reader.counted ? 'reported' : 'partial')
            return controller.error(error)
          }
        }),
      cancel(reason) {
        if (call !== undefined) stopEarly(reader, call)
        return chunks.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  if (call !== undefined) cancelWhenForgotten(readable, call)
  return readable
}

const endOfChunks = (reader: ReadableReader, call: ModelCall | undefined): void => {
  if (call === undefined) return
  if (reader.error === undefined) endOf(reader, call, false)
  else call.fail(reader.error, reader.counted ? 'reported' : 'partial')
}
