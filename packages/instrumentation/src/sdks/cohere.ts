/** `cohere-ai`, version 2 of the API. */
import { fieldOf, textOf } from '#src/call/untyped.ts'
import { cohereChat, cohereEmbed, cohereRerank } from '#src/providers/cohere.ts'
import { cloneOf, hasMethod, type Sdk } from './sdk.ts'

/** Suppliers and promises of a URL are not asked: then the maker bills. */
const urlIn = (client: object): string => {
  const options = fieldOf(client, 'options') ?? fieldOf(client, '_options')
  return textOf(options, 'baseUrl') ?? textOf(options, 'environment') ?? ''
}

export const COHERE_SDK: Sdk = {
  name: 'cohere-ai >= 8 (CohereClientV2)',
  recognises: (client) => hasMethod(client, '', 'chatStream') && hasMethod(client, 'clientV2', 'chat'),
  // Its methods are fields that are bound to a client inside.
  copy: cloneOf,
  makerOf: () => 'cohere',
  baseUrlOf: urlIn,
  calls: [
    { path: '', method: 'chat', api: cohereChat },
    { path: '', method: 'chatStream', api: cohereChat },
    { path: '', method: 'embed', api: cohereEmbed },
    { path: '', method: 'rerank', api: cohereRerank },
  ],
}
