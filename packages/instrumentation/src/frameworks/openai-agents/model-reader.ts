/** What a model of the OpenAI Agents SDK says: it hands on the provider's answer, and the provider's events of a stream. */
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import { type Answer, NO_ANSWER, type StreamReader } from '#src/call/model-api.ts'
import { countOf, fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { answerFromBody, answerFromUsage, createEventReader } from '#src/frameworks/provider-answer.ts'
import { put } from '#src/providers/attributes.ts'

/** Of a response, or of the event that ends a stream. */
export const answerFromResponse = (response: unknown, provider: string): Answer => {
  const raw = objectOf(response, 'rawUsage')
  return (
    answerFromBody(fieldOf(response, 'providerData'), provider) ??
    (raw === undefined ? countersOf(response) : answerFromUsage(raw, provider))
  )
}

/** The SDK's own counters: its input holds the caches, its output the reasoning. A count of 0 may be one that is missing. */
const countersOf = (response: unknown): Answer => {
  const usage = fieldOf(response, 'usage')
  const input = countOf(usage, 'inputTokens')
  if (input === undefined || input === 0) return NO_ANSWER
  const attributes: Attributes = { [ATTR.inputTokens]: input }
  put(attributes, ATTR.outputTokens, countOf(usage, 'outputTokens'))
  put(attributes, ATTR.cacheReadTokens, countOf(detailsOf(usage, 'inputTokensDetails'), 'cached_tokens'))
  put(attributes, ATTR.reasoningTokens, countOf(detailsOf(usage, 'outputTokensDetails'), 'reasoning_tokens'))
  put(attributes, ATTR.responseId, textOf(response, 'responseId') ?? textOf(response, 'id'))
  return { attributes, usage: undefined, countedInAttributes: true }
}

/** An object, or a list with one for each request. */
const detailsOf = (usage: unknown, name: string): unknown => {
  const details = fieldOf(usage, name)
  return Array.isArray(details) ? details[0] : details
}

export const createModelReader = (provider: string): StreamReader => {
  const events = createEventReader(provider)
  let done: unknown
  return {
    read(event) {
      const type = textOf(event, 'type')
      if (type === 'model') events.read(fieldOf(event, 'event'))
      if (type === 'response_done') done = fieldOf(event, 'response')
      return true
    },
    answer: () => (events.counted || done === undefined ? events.answer() : answerFromResponse(done, provider)),
    get counted() {
      return events.counted || (done !== undefined && answerFromResponse(done, provider) !== NO_ANSWER)
    },
    get finished() {
      return events.finished || done !== undefined
    },
  }
}
