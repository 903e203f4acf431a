/** Anthropic Messages. The provider counts caches beside the input; on the span the input includes them. */
import type { Attributes } from '@opentelemetry/api'
import { createStreamedUsage } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'
import type { Answer, ModelApi, StreamReader } from '#src/call/model-api.ts'
import { countOf, fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { put } from './attributes.ts'
import { withMetadataUser } from './user-fields.ts'

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

const createMessageReader = (): StreamReader => {
  let message: unknown
  const streamed = createStreamedUsage('anthropic_messages')
  return {
    read(event) {
      if (textOf(event, 'type') === 'message_start') message = fieldOf(event, 'message')
      streamed.read(event)
      return true
    },
    answer: () => answerWith(message, streamed.usage, streamed.outputKnown),
    get counted() {
      return streamed.counted
    },
    get finished() {
      return streamed.finished
    },
  }
}

export const anthropicMessages: ModelApi = {
  operation: 'chat',
  withUser: withMetadataUser,
  requestAttributes(body) {
    const attributes: Attributes = {}
    put(attributes, ATTR.effort, textOf(fieldOf(body, 'output_config'), 'effort'))
    return attributes
  },
  prepare: (body) => ({ body, createReader: createMessageReader }),
  answerOf: (message) => answerWith(message, objectOf(message, 'usage'), true),
}
