/** OpenAI images, transcriptions, translations and speech. Usage is a token count, a duration, or not reported at all. */
import type { ModelApi, StreamReader } from '#src/call/model-api.ts'
import { objectOf, textOf } from '#src/call/untyped.ts'
import { answerFrom } from './generic.ts'
import { withUserField } from './user-fields.ts'

const PROVIDER = 'openai'

const answerOf = (answer: unknown) =>
  answerFrom(PROVIDER, { model: textOf(answer, 'model'), usage: objectOf(answer, 'usage') })

/** The SDK 5 hands out events of images as `{ event, data }`. */
const eventIn = (event: unknown): unknown => (textOf(event, 'type') === undefined ? objectOf(event, 'data') : event)

/** The last event of a stream, whose type ends with `ending`, carries everything. */
const readerOf = (ending: string): (() => StreamReader) => {
  return () => {
    let last: unknown
    return {
      read(event) {
        const told = eventIn(event)
        if (textOf(told, 'type')?.endsWith(ending) === true) last = told
        return true
      },
      answer: () => answerOf(last),
      get counted() {
        return objectOf(last, 'usage') !== undefined
      },
      get finished() {
        return last !== undefined
      },
    }
  }
}

const mediaApi = (ending: string): ModelApi => ({
  operation: 'generate_content',
  requestAttributes: () => ({}),
  prepare: (body) => ({ body, createReader: readerOf(ending) }),
  answerOf,
})

export const openAIImages: ModelApi = { ...mediaApi('.completed'), withUser: withUserField }
export const openAITranscriptions = mediaApi('.done')
export const openAITranslations = mediaApi('.done')
export const openAISpeech = mediaApi('.done')
