/** Mistral: chat, fill-in-the-middle, agents and embeddings. */
import type { ModelApi } from '#src/call/model-api.ts'
import { fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { answerFrom, createUsageReader } from './generic.ts'

const PROVIDER = 'mistral_ai'

const fieldsOf = (answer: unknown) => ({ id: textOf(answer, 'id'), model: textOf(answer, 'model') })

export const mistralChat: ModelApi = {
  operation: 'chat',
  requestAttributes: () => ({}),
  prepare: (body) => ({
    body,
    createReader: () => createUsageReader('mistral', PROVIDER, (event) => fieldsOf(fieldOf(event, 'data'))),
  }),
  answerOf: (answer) => answerFrom(PROVIDER, { ...fieldsOf(answer), usage: objectOf(answer, 'usage') }),
}

export const mistralEmbeddings: ModelApi = { ...mistralChat, operation: 'embeddings' }
