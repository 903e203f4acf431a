/** Bodies and events of Mistral's chat. Shapes follow the types of @mistralai/mistralai 2.7: usage comes with the last chunk. */
import type { SettledAnswer } from './stub-answer.ts'
import { CREATED_SECONDS, piecesOf, type WireEvent } from './wire-event.ts'

export interface MistralUsage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  num_cached_tokens?: number
  prompt_audio_seconds?: number
}

const toolCallsOf = ({ id, toolCall }: SettledAnswer): object =>
  toolCall === undefined
    ? {}
    : {
        tool_calls: [
          { id: id.slice(0, 9), function: { name: toolCall.name, arguments: JSON.stringify(toolCall.arguments) } },
        ],
      }

const finishReasonOf = ({ toolCall }: SettledAnswer): string => (toolCall === undefined ? 'stop' : 'tool_calls')

const headOf = (answer: SettledAnswer, object: string): object => ({
  id: `cmpl-${answer.id}`,
  object,
  created: CREATED_SECONDS,
  model: answer.model,
})

const usageIn = ({ usage }: SettledAnswer): object => (usage === null ? {} : { usage })

export const mistralCompletion = (answer: SettledAnswer): unknown => ({
  ...headOf(answer, 'chat.completion'),
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: answer.toolCall === undefined ? answer.text : '', ...toolCallsOf(answer) },
      finish_reason: finishReasonOf(answer),
    },
  ],
  // The SDK wants it, and reads what is missing as 0.
  usage: answer.usage ?? {},
})

export const mistralEvents = (answer: SettledAnswer): WireEvent[] => {
  const chunk = (delta: object, finishReason: string | null, rest: object = {}): WireEvent => ({
    data: {
      ...headOf(answer, 'chat.completion.chunk'),
      choices: [{ index: 0, delta, finish_reason: finishReason }],
      ...rest,
    },
  })
  const texts = answer.toolCall === undefined ? piecesOf(answer.text) : []
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...texts.map((content) => chunk({ content }, null)),
    chunk({ content: '', ...toolCallsOf(answer) }, finishReasonOf(answer), usageIn(answer)),
    { data: '[DONE]' },
  ]
}

export const mistralEmbeddings = (answer: SettledAnswer): unknown => ({
  ...headOf(answer, 'list'),
  data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
  usage: answer.usage ?? {},
})
