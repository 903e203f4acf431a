/** Anthropic Messages. The provider counts caches beside the input; on the span the input includes them. */
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import type { Answer, ModelApi, StreamReader } from '#src/call/model-api.ts'
import { countOf, fieldOf, isObject, objectOf, textOf } from '#src/call/untyped.ts'
import { put } from './attributes.ts'

const putCounters = (attributes: Attributes, usage: object, outputKnown: boolean): void => {
  const uncached = countOf(usage, 'input_tokens')
  const read = countOf(usage, 'cache_read_input_tokens')
  const ttl = objectOf(usage, 'cache_creation')
  const ttl5m = countOf(ttl, 'ephemeral_5m_input_tokens')
  const ttl1h = countOf(ttl, 'ephemeral_1h_input_tokens')
  const written = countOf(usage, 'cache_creation_input_tokens') ?? (ttl && (ttl5m ?? 0) + (ttl1h ?? 0))
  put(attributes, ATTR.inputTokens, uncached === undefined ? undefined : uncached + (read ?? 0) + (written ?? 0))
  put(attributes, ATTR.cacheReadTokens, read)
  put(attributes, ATTR.cacheWriteTokens, written)
  put(attributes, ATTR.cacheCreationTokens, written)
  put(attributes, ATTR.anthropicWrite5mTokens, ttl5m)
  put(attributes, ATTR.anthropicWrite1hTokens, ttl1h)
  put(attributes, ATTR.anthropicServiceTier, textOf(usage, 'service_tier'))
  put(attributes, ATTR.anthropicSpeed, textOf(usage, 'speed'))
  put(attributes, ATTR.anthropicGeo, textOf(usage, 'inference_geo'))
  if (!outputKnown) return
  put(attributes, ATTR.outputTokens, countOf(usage, 'output_tokens'))
  put(attributes, ATTR.reasoningTokens, countOf(objectOf(usage, 'output_tokens_details'), 'thinking_tokens'))
}

const answerWith = (message: unknown, usage: object | undefined, outputKnown: boolean): Answer => {
  const attributes: Attributes = {}
  put(attributes, ATTR.responseId, textOf(message, 'id'))
  put(attributes, ATTR.responseModel, textOf(message, 'model'))
  if (usage !== undefined) putCounters(attributes, usage, outputKnown)
  return { attributes, usage }
}

/**
 * `message_start` has the input and a placeholder for the output. The usage of `message_delta` is cumulative:
 * each of its counters replaces the earlier one; `null` says that it does not apply.
 */
const createMessageReader = (): StreamReader => {
  let message: unknown
  let usage: Record<string, unknown> | undefined
  let outputKnown = false
  let finished = false
  return {
    read(event) {
      const type = textOf(event, 'type')
      if (type === 'message_start') {
        message = fieldOf(event, 'message')
        // A copy: helpers of the SDK go on writing into the message.
        const given = objectOf(message, 'usage')
        usage = given && { ...given }
      } else if (type === 'message_delta') {
        const given = Object.entries(objectOf(event, 'usage') ?? {}).filter(([, value]) => value !== null)
        if (given.length > 0) usage = { ...usage, ...Object.fromEntries(given) }
        outputKnown ||= given.length > 0
        finished ||= textOf(fieldOf(event, 'delta'), 'stop_reason') !== undefined
      } else if (type === 'message_stop') finished = true
      return true
    },
    answer: () =>
      answerWith(message, isObject(usage) && Object.keys(usage).length > 0 ? usage : undefined, outputKnown),
    get counted() {
      return finished && outputKnown
    },
    get finished() {
      return finished
    },
  }
}

export const anthropicMessages: ModelApi = {
  operation: 'chat',
  requestAttributes(body) {
    const attributes: Attributes = {}
    put(attributes, ATTR.effort, textOf(fieldOf(body, 'output_config'), 'effort'))
    return attributes
  },
  prepare: (body) => ({ body, createReader: createMessageReader }),
  answerOf: (message) => answerWith(message, objectOf(message, 'usage'), true),
}
