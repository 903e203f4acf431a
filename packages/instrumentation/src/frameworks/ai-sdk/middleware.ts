/**
 * Middleware for `wrapLanguageModel`, `wrapEmbeddingModel` and `wrapImageModel` of the AI SDK. Its types are the common part
 * of the specifications V2 (version 5), V3 (version 6) and V4 (version 7): each version's own middleware type takes them.
 */
import type { CallOperation } from '#src/call/call-span.ts'
import { fieldOf } from '#src/call/untyped.ts'
import { startFrameworkCall } from '#src/frameworks/framework-call.ts'
import { observeAnswer } from '#src/frameworks/observe-generator.ts'
import { observeReadable } from '#src/frameworks/observe-readable.ts'
import { type AiSdkModel, factsOf } from './model-facts.ts'
import { createPartReader } from './part-reader.ts'
import { answerFromResult } from './usage-answer.ts'

/** What the SDK says of a call that is about to be made. */
interface CallSetting {
  readonly params: object
  readonly model: AiSdkModel
}

type GenerateSetting<Result> = CallSetting & { readonly doGenerate: () => PromiseLike<Result> }

export interface LanguageMiddleware {
  readonly specificationVersion: 'v3'
  transformParams<Params extends object>(options: {
    readonly type: 'generate' | 'stream'
    readonly params: Params
  }): Promise<Params>
  wrapGenerate<Result>(options: GenerateSetting<Result>): Promise<Result>
  wrapStream<Result extends { readonly stream: ReadableStream }>(
    options: CallSetting & { readonly doStream: () => PromiseLike<Result> },
  ): Promise<Result>
}

export interface EmbeddingMiddleware {
  readonly specificationVersion: 'v3'
  wrapEmbed<Result>(options: CallSetting & { readonly doEmbed: () => PromiseLike<Result> }): Promise<Result>
}

export interface ImageMiddleware {
  readonly specificationVersion: 'v3'
  wrapGenerate<Result>(options: GenerateSetting<Result>): Promise<Result>
}

/** Calls that do not stream, of any kind of model. */
const observeResult = async <Result>(
  operation: CallOperation,
  { model, params }: CallSetting,
  send: () => PromiseLike<Result>,
): Promise<Result> =>
  observeAnswer(startFrameworkCall(factsOf(operation, model, params)), send, (result) =>
    answerFromResult(result, model.provider),
  )

/**
 * Attributes and counts each call of a language model, also those of agents and of structured output. Put it last in a list of
 * middleware, next to the model, so that what others answer from a cache is not counted.
 *
 * ```ts
 * const model = wrapLanguageModel({ model: openai('gpt-5'), middleware: outlayMiddleware() })
 * ```
 * A call without required attribution fails with `MissingAttributionError` before anything is sent, unless the policy says
 * otherwise. Streams ask for the provider's events (`includeRawChunks`), which stay hidden unless the caller asked for them.
 */
export const outlayMiddleware = (): LanguageMiddleware => {
  const hidden = new WeakSet<object>()
  return {
    specificationVersion: 'v3',
    async transformParams({ type, params }) {
      if (type !== 'stream' || fieldOf(params, 'includeRawChunks') === true) return params
      const asking = { ...params, includeRawChunks: true }
      hidden.add(asking)
      return asking
    },
    wrapGenerate: (options) => observeResult('chat', options, options.doGenerate),
    async wrapStream({ doStream, params, model }) {
      const { call, run, outside } = startFrameworkCall(factsOf('chat', model, params))
      try {
        const result = await run(doStream)
        const reader = createPartReader(model.provider, hidden.has(params))
        return { ...result, stream: observeReadable(result.stream, reader, call, outside) }
      } catch (error) {
        call?.fail(error)
        throw error
      }
    },
  }
}

/** As `outlayMiddleware`, for `wrapEmbeddingModel` (from version 6 on). */
export const outlayEmbeddingMiddleware = (): EmbeddingMiddleware => ({
  specificationVersion: 'v3',
  wrapEmbed: (options) => observeResult('embeddings', options, options.doEmbed),
})

/** As `outlayMiddleware`, for `wrapImageModel` (from version 6 on). */
export const outlayImageMiddleware = (): ImageMiddleware => ({
  specificationVersion: 'v3',
  wrapGenerate: (options) => observeResult('generate_content', options, options.doGenerate),
})
