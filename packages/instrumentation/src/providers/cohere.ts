/** Cohere: chat, embed and rerank. What is billed stands in `usage` of a chat and in `meta` of the others. */
import type { ModelApi } from '#src/call/model-api.ts'
import { objectOf, textOf } from '#src/call/untyped.ts'
import { answerFrom, createUsageReader } from './generic.ts'

const PROVIDER = 'cohere'

const idOf = (answer: unknown) => ({ id: textOf(answer, 'id') })

export const cohereChat: ModelApi = {
  operation: 'chat',
  requestAttributes: () => ({}),
  prepare: (body) => ({ body, createReader: () => createUsageReader('cohere', PROVIDER, idOf) }),
  answerOf: (answer) => answerFrom(PROVIDER, { ...idOf(answer), usage: objectOf(answer, 'usage') }),
}

/** The counters of `meta`; its warnings may quote the request. */
const billedIn = (answer: unknown): object | undefined => {
  const meta = objectOf(answer, 'meta')
  const [billedUnits, tokens] = [objectOf(meta, 'billedUnits'), objectOf(meta, 'tokens')]
  return billedUnits === undefined ? undefined : { billedUnits, ...(tokens === undefined ? {} : { tokens }) }
}

export const cohereEmbed: ModelApi = {
  ...cohereChat,
  operation: 'embeddings',
  answerOf: (answer) => answerFrom(PROVIDER, { ...idOf(answer), usage: billedIn(answer) }),
}

export const cohereRerank: ModelApi = { ...cohereEmbed, operation: 'rerank' }
