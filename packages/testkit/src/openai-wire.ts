/** Bodies and events of OpenAI Chat Completions, Responses and Embeddings. */
import type { SettledAnswer, StubError, StubToolCall } from './stub-answer.ts'
import { CREATED_SECONDS, piecesOf, type WireEvent } from './wire-event.ts'

const argumentsOf = (call: StubToolCall): string => JSON.stringify(call.arguments)

const chatToolCall = ({ id }: SettledAnswer, call: StubToolCall, args: string): unknown => ({
  id: `call_${id}`,
  type: 'function',
  function: { name: call.name, arguments: args },
})

const finishReasonOf = ({ toolCall }: SettledAnswer): string => (toolCall === undefined ? 'stop' : 'tool_calls')

const chatMessage = (answer: SettledAnswer): object => {
  const { text, toolCall } = answer
  const message = { role: 'assistant', refusal: null, annotations: [] }
  return toolCall === undefined
    ? { ...message, content: text }
    : { ...message, content: null, tool_calls: [chatToolCall(answer, toolCall, argumentsOf(toolCall))] }
}

export const chatCompletion = (answer: SettledAnswer): unknown => ({
  id: `chatcmpl-${answer.id}`,
  object: 'chat.completion',
  created: CREATED_SECONDS,
  model: answer.model,
  choices: [{ index: 0, message: chatMessage(answer), logprobs: null, finish_reason: finishReasonOf(answer) }],
  ...(answer.usage === null ? {} : { usage: answer.usage }),
  service_tier: answer.serviceTier,
  system_fingerprint: 'fp_stub',
})

/** What the choice's deltas bring: the text in pieces, or a tool call whose arguments follow its name. */
const chatDeltas = (answer: SettledAnswer): unknown[] => {
  const { toolCall } = answer
  if (toolCall === undefined) return piecesOf(answer.text).map((content) => ({ content }))
  return [
    { tool_calls: [{ index: 0, ...(chatToolCall(answer, toolCall, '') as object) }] },
    { tool_calls: [{ index: 0, function: { arguments: argumentsOf(toolCall) } }] },
  ]
}

/** With `includeUsage` every chunk has `usage: null` and one more without choices carries the counters. */
export const chatCompletionEvents = (answer: SettledAnswer, includeUsage: boolean): WireEvent[] => {
  const chunk = (choices: unknown[], usage: unknown = null): WireEvent => ({
    data: {
      id: `chatcmpl-${answer.id}`,
      object: 'chat.completion.chunk',
      created: CREATED_SECONDS,
      model: answer.model,
      service_tier: answer.serviceTier,
      system_fingerprint: 'fp_stub',
      choices,
      ...(includeUsage ? { usage } : {}),
    },
  })
  const choice = (delta: unknown, finishReason: string | null = null): unknown => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finishReason,
  })
  return [
    chunk([choice({ role: 'assistant', content: '', refusal: null })]),
    ...chatDeltas(answer).map((delta) => chunk([choice(delta)])),
    chunk([choice({}, finishReasonOf(answer))]),
    ...(includeUsage && answer.usage !== null ? [chunk([], answer.usage)] : []),
    { data: '[DONE]' },
  ]
}

type ItemStatus = 'in_progress' | 'completed'

const outputItem = ({ id, text, toolCall }: SettledAnswer, status: ItemStatus): unknown => {
  const isDone = status === 'completed'
  if (toolCall !== undefined) {
    const { name } = toolCall
    const args = isDone ? argumentsOf(toolCall) : ''
    return { id: `fc_${id}`, type: 'function_call', status, call_id: `call_${id}`, name, arguments: args }
  }
  const content = isDone ? [{ type: 'output_text', text, annotations: [], logprobs: [] }] : []
  return { id: `msg_${id}`, type: 'message', status, role: 'assistant', content }
}

const responseIn = (answer: SettledAnswer, status: ItemStatus): unknown => ({
  id: `resp_${answer.id}`,
  object: 'response',
  created_at: CREATED_SECONDS,
  status,
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  model: answer.model,
  output: status === 'completed' ? [outputItem(answer, 'completed')] : [],
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: status === 'completed' ? answer.serviceTier : 'auto',
  store: false,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  usage: status === 'completed' ? answer.usage : null,
})

export const response = (answer: SettledAnswer): unknown => responseIn(answer, 'completed')

type NamedEvent = [name: string, fields: object]

const textEvents = ({ id, text }: SettledAnswer): NamedEvent[] => {
  const item = { item_id: `msg_${id}`, output_index: 0, content_index: 0 }
  const part = (text: string): unknown => ({ type: 'output_text', text, annotations: [], logprobs: [] })
  return [
    ['response.content_part.added', { ...item, part: part('') }],
    ...piecesOf(text).map((delta): NamedEvent => ['response.output_text.delta', { ...item, delta, logprobs: [] }]),
    ['response.output_text.done', { ...item, text, logprobs: [] }],
    ['response.content_part.done', { ...item, part: part(text) }],
  ]
}

const toolCallEvents = ({ id }: SettledAnswer, call: StubToolCall): NamedEvent[] => {
  const item = { item_id: `fc_${id}`, output_index: 0 }
  const args = argumentsOf(call)
  return [
    ['response.function_call_arguments.delta', { ...item, delta: args }],
    ['response.function_call_arguments.done', { ...item, name: call.name, arguments: args }],
  ]
}

export const responseEvents = (answer: SettledAnswer): WireEvent[] => {
  const { toolCall } = answer
  const events: NamedEvent[] = [
    ['response.created', { response: responseIn(answer, 'in_progress') }],
    ['response.in_progress', { response: responseIn(answer, 'in_progress') }],
    ['response.output_item.added', { output_index: 0, item: outputItem(answer, 'in_progress') }],
    ...(toolCall === undefined ? textEvents(answer) : toolCallEvents(answer, toolCall)),
    ['response.output_item.done', { output_index: 0, item: outputItem(answer, 'completed') }],
    ['response.completed', { response: responseIn(answer, 'completed') }],
  ]
  return events.map(([name, fields], sequence) => ({
    name,
    data: { type: name, sequence_number: sequence, ...fields },
  }))
}

const DIMENSIONS = 8

/** The SDK asks for base64 and decodes it, unless the caller named an encoding. */
export const embeddings = (answer: SettledAnswer, body: unknown): unknown => {
  const { input, encoding_format: encoding } = body as { input?: unknown; encoding_format?: unknown }
  const vector = Float32Array.from({ length: DIMENSIONS }, (_, index) => (index + 1) / DIMENSIONS)
  const encoded = encoding === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector]
  const count = Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1
  return {
    object: 'list',
    data: Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding: encoded })),
    model: answer.model,
    ...(answer.usage === null ? {} : { usage: answer.usage }),
  }
}

export const openAIError = ({ type = 'invalid_request_error', message = 'stubbed failure' }: StubError): unknown => ({
  error: { message, type, param: null, code: null },
})

/** Chat streams carry the error in a plain chunk; both forms end the stream for the SDK. */
export const openAIErrorEvent = (error: StubError): WireEvent => ({ data: openAIError(error) })
