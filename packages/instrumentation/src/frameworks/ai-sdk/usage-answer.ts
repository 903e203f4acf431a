/**
 * Results of models, from the provider's own words where they are handed on, else from the SDK's counters: with token details
 * (specification V3 and V4), or flat (V2), where some providers leave caches out of the input.
 */
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import { type Answer, NO_ANSWER } from '#src/call/model-api.ts'
import { countOf, fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { answerFromBody, answerFromUsage } from '#src/frameworks/provider-answer.ts'
import { put } from '#src/providers/attributes.ts'

/** Of a result that did not stream, of whatever kind of model. */
export const answerFromResult = (result: unknown, provider: string): Answer => {
  const response = fieldOf(result, 'response')
  const answer = answerFromBody(fieldOf(response, 'body'), provider) ?? answerFromCounters(result, provider)
  return identified(answer, response)
}

/** Adds who answered, where the answer itself does not say. The SDK makes up ids for answers without one: not here. */
export const identified = (answer: Answer, response: unknown): Answer => {
  const attributes: Attributes = {}
  put(attributes, ATTR.responseId, textOf(response, 'id'))
  put(attributes, ATTR.responseModel, textOf(response, 'modelId'))
  return { ...answer, attributes: { ...attributes, ...answer.attributes } }
}

/** `source`: a result, or the last part of a stream. */
export const answerFromCounters = (source: unknown, provider: string): Answer => {
  const usage = objectOf(source, 'usage')
  const raw = objectOf(usage, 'raw') ?? rawInMetadata(source)
  if (raw !== undefined && Object.keys(raw).length > 0) return answerFromUsage(raw, provider)
  const attributes = objectOf(usage, 'inputTokens') === undefined ? flatCounters(source) : detailedCounters(usage)
  return Object.keys(attributes).length === 0 ? NO_ANSWER : { attributes, usage: undefined, countedInAttributes: true }
}

/** Where version 5 of the SDK puts Anthropic's own object. */
const rawInMetadata = (source: unknown): object | undefined =>
  objectOf(fieldOf(fieldOf(source, 'providerMetadata'), 'anthropic'), 'usage')

const detailedCounters = (usage: unknown): Attributes => {
  const attributes: Attributes = {}
  const [input, output] = [fieldOf(usage, 'inputTokens'), fieldOf(usage, 'outputTokens')]
  put(attributes, ATTR.inputTokens, countOf(input, 'total'))
  put(attributes, ATTR.cacheReadTokens, countOf(input, 'cacheRead'))
  put(attributes, ATTR.cacheWriteTokens, countOf(input, 'cacheWrite'))
  put(attributes, ATTR.cacheCreationTokens, countOf(input, 'cacheWrite'))
  put(attributes, ATTR.outputTokens, countOf(output, 'total'))
  put(attributes, ATTR.reasoningTokens, countOf(output, 'reasoning'))
  return attributes
}

/** Embeddings have one count, `tokens`. */
const flatCounters = (source: unknown): Attributes => {
  const attributes: Attributes = {}
  const usage = fieldOf(source, 'usage')
  const input = countOf(usage, 'inputTokens') ?? countOf(usage, 'tokens')
  const output = countOf(usage, 'outputTokens')
  const cached = countOf(usage, 'cachedInputTokens')
  const total = countOf(usage, 'totalTokens')
  // The total tells whether the caches lie beside the input.
  const isBeside =
    total !== undefined && cached !== undefined && cached > 0 && total - (input ?? 0) - (output ?? 0) === cached
  put(attributes, ATTR.inputTokens, isBeside ? (input ?? 0) + cached : input)
  put(attributes, ATTR.cacheReadTokens, cached)
  put(attributes, ATTR.outputTokens, output)
  put(attributes, ATTR.reasoningTokens, countOf(usage, 'reasoningTokens'))
  put(attributes, ATTR.imageInputTokens, imageInput(source))
  return attributes
}

/** OpenAI's image models spread the count over the images of an answer. */
const imageInput = (source: unknown): number | undefined => {
  const images: unknown = fieldOf(fieldOf(fieldOf(source, 'providerMetadata'), 'openai'), 'images')
  if (!Array.isArray(images) || images.length === 0) return undefined
  const counts = images.map((image) => countOf(image, 'imageTokens'))
  return counts.reduce((sum, count) => (sum === undefined || count === undefined ? undefined : sum + count), 0)
}
