/** OpenAI Chat Completions, Responses and Embeddings, and whoever speaks the same. Counters include caches. */
import type { Attributes } from '@opentelemetry/api'
import { createStreamedUsage } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'
import type { Answer, ModelApi, StreamReader } from '#src/call/model-api.ts'
import { countOf, fieldOf, isObject, objectOf, textOf } from '#src/call/untyped.ts'
import { put } from './attributes.ts'
import { withSafetyIdentifier, withUserField } from './user-fields.ts'

/** Both shapes: `prompt_tokens` (Chat, Embeddings) and `input_tokens` (Responses). */
const putCounters = (attributes: Attributes, usage: Readonly<Record<string, unknown>>): void => {
  const input = objectOf(usage, 'prompt_tokens_details') ?? objectOf(usage, 'input_tokens_details')
  const output = objectOf(usage, 'completion_tokens_details') ?? objectOf(usage, 'output_tokens_details')
  const written = countOf(input, 'cache_write_tokens')
  put(attributes, ATTR.inputTokens, countOf(usage, 'prompt_tokens') ?? countOf(usage, 'input_tokens'))
  put(attributes, ATTR.outputTokens, countOf(usage, 'completion_tokens') ?? countOf(usage, 'output_tokens'))
  put(attributes, ATTR.cacheReadTokens, countOf(input, 'cached_tokens'))
  put(attributes, ATTR.cacheWriteTokens, written)
  put(attributes, ATTR.cacheCreationTokens, written)
  put(attributes, ATTR.audioInputTokens, countOf(input, 'audio_tokens'))
  put(attributes, ATTR.imageInputTokens, countOf(input, 'image_tokens'))
  put(attributes, ATTR.reasoningTokens, countOf(output, 'reasoning_tokens'))
  put(attributes, ATTR.audioOutputTokens, countOf(output, 'audio_tokens'))
}

/** A completion, a chunk, a response or an embedding list: they name these fields alike. */
const answerOf = (answer: unknown): Answer => answerWith(answer, objectOf(answer, 'usage'))

const answerWith = (answer: unknown, usage: Readonly<Record<string, unknown>> | undefined): Answer => {
  const attributes: Attributes = {}
  put(attributes, ATTR.responseId, textOf(answer, 'id'))
  put(attributes, ATTR.responseModel, textOf(answer, 'model'))
  put(attributes, ATTR.openaiServiceTier, textOf(answer, 'service_tier'))
  if (usage !== undefined) putCounters(attributes, usage)
  return { attributes, usage, failure: failureOf(answer) }
}

/** Responses report a failed run as an answer. */
const failureOf = (answer: unknown): string | undefined =>
  textOf(answer, 'status') === 'failed' ? (textOf(fieldOf(answer, 'error'), 'code') ?? 'failed') : undefined

const requestAttributesOf =
  (apiType: string | undefined, effortOf: (body: unknown) => string | undefined) =>
  (body: unknown): Attributes => {
    const attributes: Attributes = {}
    put(attributes, ATTR.openaiApiType, apiType)
    put(attributes, ATTR.openaiRequestTier, textOf(body, 'service_tier'))
    put(attributes, ATTR.effort, effortOf(body))
    return attributes
  }

/** `hidesUsage`: the chunk that only carries the usage was not asked for by the caller. */
const createChatReader = (hidesUsage: boolean): StreamReader => {
  let last: unknown
  const streamed = createStreamedUsage('openai_chat')
  return {
    read(chunk) {
      if (!isObject(chunk)) return true
      last = chunk
      streamed.read(chunk)
      if (!hidesUsage) return true
      if (chunk['usage'] === null) delete chunk['usage']
      const choices = Array.isArray(chunk['choices']) ? chunk['choices'] : []
      return choices.length > 0 || objectOf(chunk, 'usage') === undefined
    },
    answer: () => answerWith(last, streamed.usage),
    get counted() {
      return streamed.counted
    },
    get finished() {
      return streamed.finished
    },
  }
}

export const openAIChat: ModelApi = {
  operation: 'chat',
  withUser: withSafetyIdentifier,
  requestAttributes: requestAttributesOf('chat_completions', (body) => textOf(body, 'reasoning_effort')),
  prepare(body) {
    if (!isObject(body) || body['stream'] !== true || !wantsUsageAdded(body['stream_options'])) {
      return { body, createReader: () => createChatReader(false) }
    }
    const asking = { ...body, stream_options: { ...objectOf(body, 'stream_options'), include_usage: true } }
    return { body: asking, createReader: () => createChatReader(true) }
  },
  answerOf,
}

/** The caller's own choice stands, also `null`, which some compatible servers need. */
const wantsUsageAdded = (streamOptions: unknown): boolean =>
  streamOptions === undefined || (isObject(streamOptions) && streamOptions['include_usage'] === undefined)

const createResponseReader = (): StreamReader => {
  let response: unknown
  const streamed = createStreamedUsage('openai_responses')
  return {
    read(event) {
      const carried = fieldOf(event, 'response')
      if (isObject(carried)) response = carried
      streamed.read(event)
      return true
    },
    answer: () => answerOf(response),
    get counted() {
      return streamed.finished
    },
    get finished() {
      return streamed.finished
    },
  }
}

export const openAIResponses: ModelApi = {
  operation: 'chat',
  withUser: withSafetyIdentifier,
  requestAttributes: requestAttributesOf('responses', (body) => textOf(fieldOf(body, 'reasoning'), 'effort')),
  prepare: (body) => ({ body, createReader: createResponseReader }),
  answerOf,
}

export const openAIEmbeddings: ModelApi = {
  operation: 'embeddings',
  withUser: withUserField,
  requestAttributes: requestAttributesOf(undefined, () => undefined),
  prepare: (body) => ({ body, createReader: () => createChatReader(false) }),
  answerOf,
}

export const openAICompletions: ModelApi = {
  ...openAIChat,
  operation: 'text_completion',
  withUser: withUserField,
  requestAttributes: () => ({}),
}
