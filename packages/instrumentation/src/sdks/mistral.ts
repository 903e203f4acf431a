/** `@mistralai/mistralai`. */
import { fieldOf } from '#src/call/untyped.ts'
import { mistralChat, mistralEmbeddings } from '#src/providers/mistral.ts'
import { anotherOf, hasMethod, type Sdk } from './sdk.ts'

export const MISTRAL_SDK: Sdk = {
  name: '@mistralai/mistralai >= 2',
  recognises: (client) => hasMethod(client, 'chat', 'complete') && hasMethod(client, 'fim', 'complete'),
  copy: (client) => anotherOf(client, fieldOf(client, '_options')),
  makerOf: () => 'mistral_ai',
  baseUrlOf: (client) => {
    const url = fieldOf(client, '_baseURL')
    return url instanceof URL ? url.href : ''
  },
  calls: [
    ...['chat', 'fim', 'agents'].flatMap((path) =>
      ['complete', 'stream'].map((method) => ({ path, method, api: mistralChat })),
    ),
    // These helpers do not end in the methods above.
    ...['parse', 'parseStream'].map((method) => ({ path: 'chat', method, api: mistralChat })),
    { path: 'embeddings', method: 'create', api: mistralEmbeddings },
  ],
}
