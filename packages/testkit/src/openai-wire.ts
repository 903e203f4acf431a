/** Bodies and events of OpenAI Chat Completions, Responses and Embeddings. */
import type { SettledAnswer, StubError } from './stub-answer.ts'
import { CREATED_SECONDS, piecesOf, type WireEvent } from './wire-event.ts'

export const chatCompletion = ({ id, model, text, usage, serviceTier }: SettledAnswer): unknown => ({
  id: `chatcmpl-${id}`,
  object: 'chat.completion',
  created: CREATED_SECONDS,
  model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: text, refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  ...(usage === null ? {} : { usage }),
  service_tier: serviceTier,
  system_fingerprint: 'fp_stub',
})

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
    ...piecesOf(answer.text).map((piece) => chunk([choice({ content: piece })])),
    chunk([choice({}, 'stop')]),
    ...(includeUsage && answer.usage !== null ? [chunk([], answer.usage)] : []),
    { data: '[DONE]' },
  ]
}

const outputItem = ({ id, text }: SettledAnswer, status: 'in_progress' | 'completed'): unknown => ({
  id: `msg_${id}`,
  type: 'message',
  status,
  role: 'assistant',
  content: status === 'completed' ? [{ type: 'output_text', text, annotations: [], logprobs: [] }] : [],
})

const responseIn = (answer: SettledAnswer, status: 'in_progress' | 'completed'): unknown => ({
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

export const responseEvents = (answer: SettledAnswer): WireEvent[] => {
  const item = { item_id: `msg_${answer.id}`, output_index: 0, content_index: 0 }
  const part = (text: string): unknown => ({ type: 'output_text', text, annotations: [], logprobs: [] })
  const events: [string, object][] = [
    ['response.created', { response: responseIn(answer, 'in_progress') }],
    ['response.in_progress', { response: responseIn(answer, 'in_progress') }],
    ['response.output_item.added', { output_index: 0, item: outputItem(answer, 'in_progress') }],
    ['response.content_part.added', { ...item, part: part('') }],
    ...piecesOf(answer.text).map((delta): [string, object] => [
      'response.output_text.delta',
      { ...item, delta, logprobs: [] },
    ]),
    ['response.output_text.done', { ...item, text: answer.text, logprobs: [] }],
    ['response.content_part.done', { ...item, part: part(answer.text) }],
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
