/** Bodies and events of Anthropic Messages. */
import type { SettledAnswer, StubAnswer, StubError } from './stub-answer.ts'
import type { AnthropicUsage } from './stub-usage.ts'
import { piecesOf, type WireEvent } from './wire-event.ts'

const usageWithTier = ({ usage, serviceTier }: SettledAnswer): AnthropicUsage | null =>
  usage === null ? null : ({ ...usage, service_tier: serviceTier } as AnthropicUsage)

const messageWith = (answer: SettledAnswer, fields: object): unknown => ({
  id: `msg_${answer.id}`,
  type: 'message',
  role: 'assistant',
  model: answer.model,
  container: null,
  stop_sequence: null,
  stop_details: null,
  ...fields,
})

const contentBlockOf = ({ id, text, toolCall }: SettledAnswer): object =>
  toolCall === undefined
    ? { type: 'text', text }
    : { type: 'tool_use', id: `toolu_${id}`, name: toolCall.name, input: toolCall.arguments }

const stopReasonOf = ({ toolCall }: SettledAnswer): string => (toolCall === undefined ? 'end_turn' : 'tool_use')

export const message = (answer: SettledAnswer): unknown => {
  const usage = usageWithTier(answer)
  return messageWith(answer, {
    content: [contentBlockOf(answer)],
    stop_reason: stopReasonOf(answer),
    ...(usage === null ? {} : { usage }),
  })
}

/** Output counter of `message_start`: a placeholder that later events replace. */
const PLACEHOLDER_OUTPUT_TOKENS = 1

const startUsageOf = (usage: AnthropicUsage): AnthropicUsage => ({
  ...usage,
  output_tokens: PLACEHOLDER_OUTPUT_TOKENS,
  output_tokens_details: null,
  server_tool_use: null,
})

/** The counters are cumulative: a later event replaces an earlier one. */
const finalDeltaOf = (usage: AnthropicUsage): Partial<AnthropicUsage> => ({
  input_tokens: usage.input_tokens,
  cache_creation_input_tokens: usage.cache_creation_input_tokens,
  cache_read_input_tokens: usage.cache_read_input_tokens,
  output_tokens: usage.output_tokens,
  output_tokens_details: usage.output_tokens_details,
  server_tool_use: usage.server_tool_use,
})

/** A block begins empty; its deltas bring the text, or the tool's input as pieces of JSON. */
const blockEvents = (answer: SettledAnswer): object[] => {
  const { text, toolCall } = answer
  const start = toolCall === undefined ? { text: '' } : { input: {} }
  const deltas =
    toolCall === undefined
      ? piecesOf(text).map((piece) => ({ type: 'text_delta', text: piece }))
      : [{ type: 'input_json_delta', partial_json: JSON.stringify(toolCall.arguments) }]
  return [
    { type: 'content_block_start', index: 0, content_block: { ...contentBlockOf(answer), ...start } },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
  ]
}

export const messageEvents = (answer: SettledAnswer, { messageDeltas }: StubAnswer): WireEvent[] => {
  const usage = usageWithTier(answer)
  const deltas = messageDeltas ?? (usage === null ? [{}] : [finalDeltaOf(usage)])
  const start = messageWith(answer, {
    content: [],
    stop_reason: null,
    ...(usage === null ? {} : { usage: startUsageOf(usage) }),
  })
  const events: object[] = [
    { type: 'message_start', message: start },
    ...blockEvents(answer),
    ...deltas.map((delta, index) => ({
      type: 'message_delta',
      delta: {
        stop_reason: index === deltas.length - 1 ? stopReasonOf(answer) : null,
        stop_sequence: null,
        stop_details: null,
        container: null,
      },
      usage: delta,
    })),
    { type: 'message_stop' },
  ]
  return events.map((data) => ({ name: (data as { type: string }).type, data }))
}

export const anthropicError = ({
  type = 'invalid_request_error',
  message: text = 'stubbed failure',
}: StubError): unknown => ({
  type: 'error',
  error: { type, message: text },
  request_id: 'req_stub',
})

export const anthropicErrorEvent = (error: StubError): WireEvent => ({ name: 'error', data: anthropicError(error) })
