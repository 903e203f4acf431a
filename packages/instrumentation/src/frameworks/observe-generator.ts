/** Follows the events of a framework's model by a generator around it. */
import type { StreamReader } from '#src/call/model-api.ts'
import { endOf, stopEarly } from '#src/call/observe-stream.ts'
import type { FrameworkCall } from './framework-call.ts'

export interface ObservedEvents<Event> {
  /** Asked at the first read, so that a call that is refused fails there, as the framework's own failures do. */
  readonly start: () => FrameworkCall
  readonly open: () => AsyncIterable<Event> | PromiseLike<AsyncIterable<Event>>
  readonly reader: StreamReader
  /** The app's own: streams of some SDKs end quietly on it. */
  readonly signal?: AbortSignal | undefined
}

/** The events unchanged. Whatever is sent for one runs below the call's span, the reader of the events does not. */
export async function* observeEvents<Event>(observed: ObservedEvents<Event>): AsyncGenerator<Event, void, undefined> {
  const { reader, signal } = observed
  const { call, run } = observed.start()
  call?.follow(reader.answer)
  let source: AsyncIterator<Event> | undefined
  let hasEnded = false
  try {
    source = (await run(observed.open))[Symbol.asyncIterator]()
    const next = source.next.bind(source)
    for (let result = await run(next); result.done !== true; result = await run(next)) {
      if (reader.read(result.value)) yield result.value
    }
    hasEnded = true
    if (call !== undefined) endOf(reader, call, signal?.aborted === true)
  } catch (error) {
    hasEnded = true
    call?.fail(error, reader.counted ? 'reported' : undefined)
    throw error
  } finally {
    if (!hasEnded) {
      if (call !== undefined) stopEarly(reader, call)
      await source?.return?.()
    }
  }
}

/** A call that does not stream, or whose stream is followed elsewhere. */
export const observeAnswer = async <Result>(
  { call, run }: FrameworkCall,
  send: () => PromiseLike<Result>,
  answerOf: (result: Result) => Parameters<NonNullable<FrameworkCall['call']>['succeed']>[0],
): Promise<Result> => {
  try {
    const result = await run(send)
    call?.succeed(answerOf(result))
    return result
  } catch (error) {
    call?.fail(error)
    throw error
  }
}
