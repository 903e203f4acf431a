/** Bodies and events of OpenAI images and transcriptions. Shapes follow the types of openai 7.57. */
import type { SettledAnswer } from './stub-answer.ts'
import { CREATED_SECONDS, piecesOf, type WireEvent } from './wire-event.ts'

export interface OpenAIImageUsage {
  input_tokens: number
  input_tokens_details: { image_tokens: number; text_tokens: number }
  output_tokens: number
  output_tokens_details?: { image_tokens: number; text_tokens: number }
  total_tokens: number
}

export type OpenAITranscriptionUsage =
  | {
      type: 'tokens'
      input_tokens: number
      input_token_details: { audio_tokens: number; text_tokens: number }
      output_tokens: number
      total_tokens: number
    }
  | { type: 'duration'; seconds: number }

const PIXEL = 'iVBORw0KGgo='

const usageIn = ({ usage }: SettledAnswer): object => (usage === null ? {} : { usage })

export const images = (answer: SettledAnswer): unknown => ({
  created: CREATED_SECONDS,
  data: [{ b64_json: PIXEL }],
  ...usageIn(answer),
})

export const imageEvents = (answer: SettledAnswer): WireEvent[] =>
  [
    { type: 'image_generation.partial_image', partial_image_index: 0, b64_json: PIXEL },
    { type: 'image_generation.completed', b64_json: PIXEL, created_at: CREATED_SECONDS, ...usageIn(answer) },
  ].map((data) => ({ name: data.type, data }))

export const transcription = (answer: SettledAnswer): unknown => ({ text: answer.text, ...usageIn(answer) })

export const transcriptionEvents = (answer: SettledAnswer): WireEvent[] =>
  [
    ...piecesOf(answer.text).map((delta) => ({ type: 'transcript.text.delta', delta })),
    { type: 'transcript.text.done', text: answer.text, ...usageIn(answer) },
  ].map((data) => ({ data }))
