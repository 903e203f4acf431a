/** Gemini: generateContent and embedContent, of the API and of Vertex. */
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import type { ModelApi } from '#src/call/model-api.ts'
import { countOf, fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { put } from './attributes.ts'
import { answerFrom, createUsageReader } from './generic.ts'

const PROVIDER = 'gcp.gemini'

const fieldsOf = (answer: unknown) => ({ id: textOf(answer, 'responseId'), model: textOf(answer, 'modelVersion') })

export const geminiContent: ModelApi = {
  operation: 'generate_content',
  requestAttributes(params) {
    const attributes: Attributes = {}
    put(attributes, ATTR.effort, textOf(fieldOf(fieldOf(params, 'config'), 'thinkingConfig'), 'thinkingLevel'))
    return attributes
  },
  prepare: (params) => ({ body: params, createReader: () => createUsageReader('gemini', PROVIDER, fieldsOf) }),
  answerOf: (answer) => answerFrom(PROVIDER, { ...fieldsOf(answer), usage: objectOf(answer, 'usageMetadata') }),
}

/** Vertex counts each embedding and has no usage object: the sum stands under Gemini's name for it. */
const countedIn = (answer: unknown): object | undefined => {
  const embeddings = fieldOf(answer, 'embeddings')
  if (!Array.isArray(embeddings)) return undefined
  const counts = embeddings.map((each) => countOf(fieldOf(each, 'statistics'), 'tokenCount'))
  if (counts.length === 0 || counts.includes(undefined)) return undefined
  return { promptTokenCount: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0) }
}

export const geminiEmbeddings: ModelApi = {
  ...geminiContent,
  operation: 'embeddings',
  requestAttributes: () => ({}),
  answerOf: (answer) =>
    answerFrom(PROVIDER, { ...fieldsOf(answer), usage: objectOf(answer, 'usageMetadata') ?? countedIn(answer) }),
}
