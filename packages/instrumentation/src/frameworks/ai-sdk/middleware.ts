/**
 * Middleware for `wrapLanguageModel`, `wrapEmbeddingModel` and `wrapImageModel` of the AI SDK. Its types are the common part
 * of the specifications V2 (version 5), V3 (version 6) and V4 (version 7): each version's own middleware type takes them.
 */
import { askingForEvents, type CallSetting, observeResult, observeStreamed } from './observe-call.ts'

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
      const asking = type === 'stream' ? askingForEvents(params) : undefined
      if (asking === undefined) return params
      hidden.add(asking)
      return asking
    },
    wrapGenerate: (options) => observeResult('chat', options, options.doGenerate),
    wrapStream: (options) => observeStreamed(options, hidden.has(options.params), options.doStream),
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
