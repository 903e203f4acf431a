/**
 * What providers answer, as frameworks hand it on: told by its form, since frameworks name their providers differently and
 * compatible endpoints speak another maker's language.
 */
import { type StreamApi, foldProvider } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'
import { type Answer, NO_ANSWER, type StreamReader } from '#src/call/model-api.ts'
import { fieldOf, isObject, objectOf, textOf } from '#src/call/untyped.ts'
import { anthropicMessages } from '#src/providers/anthropic.ts'
import { put } from '#src/providers/attributes.ts'
import { geminiContent } from '#src/providers/gemini.ts'
import { type AnswerFields, answerFrom, createUsageReader } from '#src/providers/generic.ts'
import { openAIChat, openAIResponses } from '#src/providers/openai.ts'

const SPEAKS_OPENAI = new Set(['openai', 'azure.ai.openai'])

/** Bodies of OpenAI, Mistral and their like name these fields alike; Gemini has its own names. */
const fieldsOf = (body: unknown): Omit<AnswerFields, 'usage'> => ({
  id: textOf(body, 'id') ?? textOf(body, 'responseId'),
  model: textOf(body, 'model') ?? textOf(body, 'modelVersion'),
})

/** `undefined` for a body without a usage object: somebody else may know more. */
export const answerFromBody = (body: unknown, provider: string): Answer | undefined => {
  const folded = foldProvider(provider)
  if (textOf(body, 'type') === 'message') return withUsage(anthropicMessages.answerOf(body))
  if (textOf(body, 'object') === 'response') return withUsage(openAIResponses.answerOf(body))
  if (SPEAKS_OPENAI.has(folded)) return withUsage(openAIChat.answerOf(body))
  const usage = objectOf(body, 'usage') ?? objectOf(body, 'usageMetadata')
  if (usage === undefined) return undefined
  const answer = answerFrom(folded, { ...fieldsOf(body), usage })
  const attributes = { ...answer.attributes }
  put(attributes, ATTR.openaiServiceTier, textOf(body, 'service_tier'))
  return { ...answer, attributes }
}

const withUsage = (answer: Answer): Answer | undefined => (answer.usage === undefined ? undefined : answer)

/** The answer that a usage object alone can give. */
export const answerFromUsage = (usage: object, provider: string): Answer =>
  answerFrom(foldProvider(provider), { usage })

type ReaderOf = (provider: string) => StreamReader

const generic =
  (api: StreamApi): ReaderOf =>
  (provider) =>
    createUsageReader(api, provider, fieldsOf)

/** By what an event must have to be of this form. */
const FORMS: readonly (readonly [isOf: (event: Record<string, unknown>) => boolean, readerOf: ReaderOf])[] = [
  [({ type }) => type === 'message_start', () => anthropicMessages.prepare(undefined).createReader(undefined)],
  [
    ({ type }) => typeof type === 'string' && type.startsWith('response.'),
    () => openAIResponses.prepare(undefined).createReader(undefined),
  ],
  [
    ({ choices }) => Array.isArray(choices),
    (provider) =>
      SPEAKS_OPENAI.has(provider)
        ? openAIChat.prepare(undefined).createReader(undefined)
        : generic('openai_chat')(provider),
  ],
  [({ candidates, usageMetadata }) => (candidates ?? usageMetadata) !== undefined, () => geminiReader()],
  [
    ({ messageStart, messageStop, metadata }) =>
      (messageStart ?? messageStop ?? fieldOf(metadata, 'usage')) !== undefined,
    generic('bedrock_converse'),
  ],
]

const geminiReader = (): StreamReader => geminiContent.prepare(undefined).createReader(undefined)

/** Follows the events of one streamed answer; its form is told by the first event that has one. */
export const createEventReader = (provider: string): StreamReader => {
  let reader: StreamReader | undefined
  return {
    read(event) {
      if (!isObject(event)) return true
      reader ??= FORMS.find(([isOf]) => isOf(event))?.[1](foldProvider(provider))
      return reader?.read(event) ?? true
    },
    answer: () => reader?.answer() ?? NO_ANSWER,
    get counted() {
      return reader?.counted ?? false
    },
    get finished() {
      return reader?.finished ?? false
    },
  }
}
