/** Bodies and events of Gemini generateContent, and its usage object. Shapes follow the types of google-genai 2.34. */
import { assert, inputTotalOf, type MeterQuantities, outputTotalOf } from '@outlay/core'
import type { SettledAnswer, StubError } from './stub-answer.ts'
import { piecesOf, type WireEvent } from './wire-event.ts'

interface ModalityCount {
  modality: 'TEXT' | 'IMAGE' | 'AUDIO' | 'VIDEO' | 'DOCUMENT'
  tokenCount: number
}

/** The prompt holds what was cached; thoughts and the tools' prompt stand beside candidates and prompt. */
export interface GeminiUsage {
  promptTokenCount: number
  cachedContentTokenCount?: number
  candidatesTokenCount?: number
  thoughtsTokenCount?: number
  toolUsePromptTokenCount?: number
  totalTokenCount: number
  promptTokensDetails?: ModalityCount[]
  cacheTokensDetails?: ModalityCount[]
  candidatesTokensDetails?: ModalityCount[]
  toolUsePromptTokensDetails?: ModalityCount[]
  serviceTier?: string
}

/** Tokens without a modality; a script that needs more gives the usage object itself. */
export const geminiUsageOf = (meters: MeterQuantities): GeminiUsage => {
  const prompt = inputTotalOf(meters)
  const { cache_read: cached = 0, output_reasoning: thoughts = 0 } = meters
  assert(prompt >= cached, 'BUG: more was cached than sent')
  return {
    promptTokenCount: prompt,
    ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
    candidatesTokenCount: outputTotalOf(meters) - thoughts,
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    totalTokenCount: prompt + outputTotalOf(meters),
  }
}

export const geminiEmbeddingUsageOf = (meters: MeterQuantities): GeminiUsage => ({
  promptTokenCount: inputTotalOf(meters),
  totalTokenCount: inputTotalOf(meters),
})

/** Vertex names the publisher before the model, and a project and a location where it has them. */
const METHODS =
  /^(?<lane>.*)\/v1(?:beta\d*)?\/(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/google\/)?models\/(?<model>[^/:]+):(?<method>\w+)$/

const APIS: Readonly<Record<string, 'gemini.generate' | 'gemini.embed'>> = {
  generateContent: 'gemini.generate',
  streamGenerateContent: 'gemini.generate',
  batchEmbedContents: 'gemini.embed',
  predict: 'gemini.embed',
}

export interface GeminiPlace {
  readonly lane: string
  readonly model: string
  readonly api: 'gemini.generate' | 'gemini.embed'
  readonly isStream: boolean
}

/** Gemini names model and method in the path. */
export const geminiPlaceOf = (pathname: string): GeminiPlace | undefined => {
  const { lane = '', model = '', method = '' } = METHODS.exec(pathname)?.groups ?? {}
  const api = Object.hasOwn(APIS, method) ? APIS[method] : undefined
  return api === undefined ? undefined : { lane, model, api, isStream: method === 'streamGenerateContent' }
}

/** As the API answers; Vertex, which is sent `instances`, has no usage object but counts of each embedding. */
export const geminiEmbeddings = ({ usage }: SettledAnswer, requested: unknown): unknown => {
  const values = [0.5, 0.25]
  if (typeof requested !== 'object' || requested === null || !('instances' in requested)) {
    return { embeddings: [{ values }], ...(usage === null ? {} : { usageMetadata: usage }) }
  }
  const counted = usage === null ? {} : { statistics: { token_count: (usage as GeminiUsage).promptTokenCount } }
  return { predictions: [{ embeddings: { values, ...counted } }] }
}

const responseWith = (answer: SettledAnswer, parts: readonly object[], rest: object): object => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...rest }],
  modelVersion: answer.model,
  responseId: answer.id,
})

const partsOf = ({ text, toolCall }: SettledAnswer): readonly object[] =>
  toolCall === undefined
    ? piecesOf(text).map((piece) => ({ text: piece }))
    : [{ functionCall: { name: toolCall.name, args: toolCall.arguments } }]

const FINISHED = { finishReason: 'STOP' }

const usageIn = ({ usage }: SettledAnswer): object => (usage === null ? {} : { usageMetadata: usage })

export const generatedContent = (answer: SettledAnswer): unknown => {
  const { text, toolCall } = answer
  const parts = toolCall === undefined ? [{ text }] : partsOf(answer)
  return { ...responseWith(answer, parts, FINISHED), ...usageIn(answer) }
}

/** Counts run along: early chunks know the prompt only, and the last one holds everything. */
const runningUsageIn = ({ usage }: SettledAnswer): object => {
  if (usage === null) return {}
  const { promptTokenCount } = usage as GeminiUsage
  return { usageMetadata: { promptTokenCount, totalTokenCount: promptTokenCount } }
}

export const generatedContentEvents = (answer: SettledAnswer): WireEvent[] => {
  const parts = partsOf(answer)
  return parts.map((part, index) => {
    const isLast = index === parts.length - 1
    return {
      data: {
        ...responseWith(answer, [part], isLast ? FINISHED : {}),
        ...(isLast ? usageIn(answer) : runningUsageIn(answer)),
      },
    }
  })
}

export const geminiError = ({
  status,
  type = 'INVALID_ARGUMENT',
  message = 'stubbed failure',
}: StubError): unknown => ({
  error: { code: status, message, status: type },
})

export const geminiErrorEvent = (error: StubError): WireEvent => ({ data: geminiError(error) })
