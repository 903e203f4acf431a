/**
 * Telemetry integration of AI SDK 7: counts the model calls of `generateText`, `streamText` and agents without wrapping a model.
 * It has no part in `generateObject`, embeddings and images, which the SDK only tells of when they are over: use middleware.
 */
import { ATTR } from '#src/attribute-names.ts'
import type { Answer } from '#src/call/model-api.ts'
import { parseServer } from '#src/call/server.ts'
import { fieldOf, textOf } from '#src/call/untyped.ts'
import { startFrameworkCall } from '#src/frameworks/framework-call.ts'
import { observeReadable, type ReadableReader } from '#src/frameworks/observe-readable.ts'
import { foldProvider } from '@outlay/semconv'
import { factsOf } from './model-facts.ts'
import { createPartReader } from './part-reader.ts'
import { answerFromResult } from './usage-answer.ts'

interface Execution<Result> {
  readonly callId: string
  readonly provider?: string
  readonly modelId?: string
  readonly execute: () => PromiseLike<Result>
}

/** The part of the SDK's `Telemetry` that is needed. */
export interface OutlayTelemetry {
  executeLanguageModelCall<Result>(options: Execution<Result>): Promise<Result>
}

/**
 * ```ts
 * registerTelemetry(outlayTelemetry())
 * ```
 * Register it before `@ai-sdk/otel`, so that its spans stand around ours and a call is counted once. A call without required
 * attribution fails with `MissingAttributionError` before anything is sent, unless the policy says otherwise.
 */
export const outlayTelemetry = (): OutlayTelemetry => ({
  async executeLanguageModelCall<Result>({ provider = '', modelId = '', execute, ...params }: Execution<Result>) {
    const { call, run, outside } = startFrameworkCall(factsOf('chat', { provider, modelId }, params))
    try {
      const result = await run(execute)
      const server = serverAttributes(result, provider)
      const stream: unknown = fieldOf(result, 'stream')
      if (stream instanceof ReadableStream) {
        const reader = servedBy(createPartReader(provider, false), server)
        return { ...result, stream: observeReadable(stream, reader, call, outside) }
      }
      call?.succeed(withServer(answerFromResult(result, provider), server))
      return result
    } catch (error) {
      call?.fail(error)
      throw error
    }
  },
})

/** The model itself is out of reach here, but the URL that was called is not. */
const serverAttributes = (result: unknown, provider: string): Answer['attributes'] => {
  const url = textOf(fieldOf(result, 'request'), 'url')
  if (url === undefined) return {}
  const server = parseServer(url, foldProvider(provider))
  return { [ATTR.provider]: server.provider, ...server.attributes }
}

const withServer = (answer: Answer, server: Answer['attributes']): Answer => ({
  ...answer,
  attributes: { ...server, ...answer.attributes },
})

const servedBy = (reader: ReadableReader, server: Answer['attributes']): ReadableReader => ({
  read: (part) => reader.read(part),
  answer: () => withServer(reader.answer(), server),
  get counted() {
    return reader.counted
  },
  get finished() {
    return reader.finished
  },
  get error() {
    return reader.error
  },
})
