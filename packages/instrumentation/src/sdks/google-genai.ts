/**
 * `@google/genai`. Its public methods may make several requests (automatic function calling) and give back the counters of the
 * last one only, so the requests themselves are wrapped, on a `models` of our own.
 */
import { fieldOf, textOf } from '#src/call/untyped.ts'
import { geminiContent, geminiEmbeddings } from '#src/providers/gemini.ts'
import { anotherOf, cloneOf, hasMethod, type Method, resourceAt, type Sdk } from './sdk.ts'

const apiClientOf = (client: object): object | undefined => resourceAt(client, 'apiClient')

const copy = (client: object): object => {
  const apiClient = apiClientOf(client)
  const [models, chats] = [resourceAt(client, 'models'), resourceAt(client, 'chats')]
  const copied = cloneOf(client)
  if (models === undefined) return copied
  const ownModels = anotherOf(models, apiClient)
  return Object.assign(copied, {
    models: ownModels,
    // Sessions call the models that they were made with.
    ...(chats === undefined ? {} : { chats: anotherOf(chats, ownModels, apiClient) }),
  })
}

const isVertex = (client: object): boolean => {
  const apiClient = apiClientOf(client)
  const asked: unknown = apiClient === undefined ? undefined : fieldOf(apiClient, 'isVertexAI')
  return typeof asked === 'function' && (asked as Method).call(apiClient) === true
}

export const GOOGLE_GENAI_SDK: Sdk = {
  name: '@google/genai >= 2',
  recognises: (client) => hasMethod(client, 'models', 'generateContentInternal') && apiClientOf(client) !== undefined,
  copy,
  makerOf: (client) => (isVertex(client) ? 'gcp.vertex_ai' : 'gcp.gemini'),
  baseUrlOf: (client) => textOf(resourceAt(client, 'apiClient.clientOptions.httpOptions'), 'baseUrl') ?? '',
  calls: [
    { path: 'models', method: 'generateContentInternal', api: geminiContent },
    { path: 'models', method: 'generateContentStreamInternal', api: geminiContent },
    { path: 'models', method: 'embedContentInternal', api: geminiEmbeddings },
  ],
}
