/** Anthropic Messages. The provider counts caches beside the input; on the span the input includes them. */
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import type { Answer, ModelApi, StreamReader } from '#src/call/model-api.ts'
import { countOf, fieldOf, isObject, objectOf, textOf } from '#src/call/untyped.ts'
import { withoutUndefined } from './attributes.ts'

const countersOf = (usage: unknown, outputKnown: boolean): Attributes => {
  const uncached = countOf(usage, 'input_tokens')
  const read = countOf(usage, 'cache_read_input_tokens')
  const ttl = objectOf(usage, 'cache_creation')
  const ttl5m = countOf(ttl, 'ephemeral_5m_input_tokens')
  const ttl1h = countOf(ttl, 'ephemeral_1h_input_tokens')
  const written = countOf(usage, 'cache_creation_input_tokens') ?? (ttl && (ttl5m ?? 0) + (ttl1h ?? 0))
  return withoutUndefined({
    [ATTR.inputTokens]: uncached === undefined ? undefined : uncached + (read ?? 0) + (written ?? 0),
    [ATTR.outputTokens]: outputKnown ? countOf(usage, 'output_tokens') : undefined,
    [ATTR.cacheReadTokens]: read,
    [ATTR.cacheWriteTokens]: written,
    [ATTR.cacheCreationTokens]: written,
    [ATTR.anthropicWrite5mTokens]: ttl5m,
    [ATTR.anthropicWrite1hTokens]: ttl1h,
    [ATTR.reasoningTokens]: outputKnown
      ? countOf(objectOf(usage, 'output_tokens_details'), 'thinking_tokens')
      : undefined,
    [ATTR.anthropicServiceTier]: textOf(usage, 'service_tier'),
    [ATTR.anthropicSpeed]: textOf(usage, 'speed'),
    [ATTR.anthropicGeo]: textOf(usage, 'inference_geo'),
  })
}

const answerWith = (message: unknown, usage: object | undefined, outputKnown: boolean): Answer => ({
  attributes: withoutUndefined({
    [ATTR.responseId]: textOf(message, 'id'),
    [ATTR.responseModel]: textOf(message, 'model'),
    ...countersOf(usage, outputKnown),
  }),
  usage,
})

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
        usage = { ...objectOf(message, 'usage') }
      } else if (type === 'message_delta') {
        const given = Object.entries(objectOf(event, 'usage') ?? {}).filter(([, value]) => value !== null)
        usage = { ...usage, ...Object.fromEntries(given) }
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
  requestAttributes: (body) => withoutUndefined({ [ATTR.effort]: textOf(fieldOf(body, 'output_config'), 'effort') }),
  prepare: (body) => ({ body, createReader: createMessageReader }),
  answerOf: (message) => answerWith(message, objectOf(message, 'usage'), true),
}
