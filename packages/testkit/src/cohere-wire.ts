/** Bodies and events of Cohere's API, version 2. Shapes follow the types of cohere-ai 8.1. */
import type { SettledAnswer, StubError, StubToolCall } from './stub-answer.ts'
import { piecesOf, type WireEvent } from './wire-event.ts'

export interface CohereUsage {
  billed_units: {
    input_tokens?: number
    output_tokens?: number
    search_units?: number
  }
  tokens?: { input_tokens: number; output_tokens: number }
}

const finishReasonOf = ({ toolCall }: SettledAnswer): string => (toolCall === undefined ? 'COMPLETE' : 'TOOL_CALL')

const messageOf = ({ id, text, toolCall }: SettledAnswer): object =>
  toolCall === undefined
    ? { role: 'assistant', content: [{ type: 'text', text }] }
    : {
        role: 'assistant',
        tool_plan: 'I will ask a tool.',
        tool_calls: [
          {
            id: `${toolCall.name}_${id}`,
            type: 'function',
            function: { name: toolCall.name, arguments: JSON.stringify(toolCall.arguments) },
          },
        ],
      }

const usageIn = ({ usage }: SettledAnswer): object => (usage === null ? {} : { usage })

export const cohereChat = (answer: SettledAnswer): unknown => ({
  id: answer.id,
  finish_reason: finishReasonOf(answer),
  message: messageOf(answer),
  ...usageIn(answer),
})

const textEvents = ({ text }: SettledAnswer): object[] => [
  { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
  ...piecesOf(text).map((piece) => ({
    type: 'content-delta',
    index: 0,
    delta: { message: { content: { text: piece } } },
  })),
  { type: 'content-end', index: 0 },
]

const toolCallEvents = ({ id }: SettledAnswer, { name, arguments: args }: StubToolCall): object[] => [
  {
    type: 'tool-call-start',
    index: 0,
    delta: { message: { tool_calls: { id: `${name}_${id}`, type: 'function', function: { name, arguments: '' } } } },
  },
  {
    type: 'tool-call-delta',
    index: 0,
    delta: { message: { tool_calls: { function: { arguments: JSON.stringify(args) } } } },
  },
  { type: 'tool-call-end', index: 0 },
]

export const cohereEvents = (answer: SettledAnswer): WireEvent[] => {
  const events: object[] = [
    { type: 'message-start', id: answer.id, delta: { message: { role: 'assistant', content: [] } } },
    ...(answer.toolCall === undefined ? textEvents(answer) : toolCallEvents(answer, answer.toolCall)),
    { type: 'message-end', id: answer.id, delta: { finish_reason: finishReasonOf(answer), ...usageIn(answer) } },
  ]
  return events.map((data) => ({ name: (data as { type: string }).type, data }))
}

const metaIn = ({ usage }: SettledAnswer): object =>
  usage === null ? {} : { meta: { api_version: { version: '2' }, ...usage } }

export const cohereEmbeddings = (answer: SettledAnswer): unknown => ({
  id: answer.id,
  response_type: 'embeddings_by_type',
  embeddings: { float: [[0.5, 0.25]] },
  texts: ['stub'],
  ...metaIn(answer),
})

export const cohereRanking = (answer: SettledAnswer): unknown => ({
  id: answer.id,
  results: [{ index: 0, relevance_score: 0.5 }],
  ...metaIn(answer),
})

export const cohereError = ({ message = 'stubbed failure' }: StubError): unknown => ({ message })
