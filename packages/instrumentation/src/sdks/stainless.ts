/** The SDKs of OpenAI and Anthropic: one generator, one way to copy a client. */
import { fieldOf, textOf } from '#src/call/untyped.ts'
import { anthropicMessages } from '#src/providers/anthropic.ts'
import { openAIChat, openAICompletions, openAIEmbeddings, openAIResponses } from '#src/providers/openai.ts'
import { openAIImages, openAISpeech, openAITranscriptions, openAITranslations } from '#src/providers/openai-media.ts'
import { hasMethod, type Method, type Sdk } from './sdk.ts'

/** A function that fetches keys or tokens: some versions copy what it has fetched so far in its place, which is nothing. */
const ownKey = (client: object): object => {
  const apiKey = fieldOf(fieldOf(client, '_options'), 'apiKey')
  return typeof apiKey === 'function' ? { apiKey } : {}
}

const copyWith =
  (optionsOf: (client: object) => object) =>
  (client: object): object => {
    const options = { ...ownKey(client), ...optionsOf(client) }
    const withOptions = fieldOf(client, 'withOptions') as Method
    const { timeout } = client as { timeout?: unknown }
    // A copy takes the default timeout for one that the app has set, and Anthropic's SDK then stops deriving it
    // from `max_tokens`. So what was not set stays not set.
    if (fieldOf(fieldOf(client, '_options'), 'timeout') !== undefined) {
      return withOptions.call(client, options) as object
    }
    return Object.assign(withOptions.call(client, { ...options, timeout: undefined }) as object, { timeout })
  }

const baseUrlOf = (client: object): string => textOf(client, 'baseURL') ?? ''
const copies = (client: object): boolean => hasMethod(client, '', 'withOptions')
/** Azure's client has a deployment and a version of the API; its host may be anything behind a private endpoint. */
const isAzure = (client: object): client is AzureClient => 'deploymentName' in client && 'apiVersion' in client

interface AzureClient {
  readonly deploymentName: unknown
  readonly apiVersion: unknown
}

/** Until 7.0 the SDK leaves these of Azure's client out of its copies, and then refuses to make one. */
const azureOptions = (client: object): object => {
  if (!isAzure(client)) return {}
  const { apiVersion, deploymentName } = client
  const tokens = fieldOf(client, '_azureADTokenProvider')
  return {
    apiVersion,
    deployment: deploymentName,
    // No key: `undefined` would be the one of the environment, which may not stand beside tokens.
    ...(typeof tokens === 'function' ? { azureADTokenProvider: tokens, apiKey: null } : {}),
  }
}

export const OPENAI_SDK: Sdk = {
  name: 'openai >= 5',
  recognises: (client) => copies(client) && hasMethod(client, 'chat.completions', 'create'),
  copy: copyWith(azureOptions),
  makerOf: (client) => (isAzure(client) ? 'azure.ai.openai' : 'openai'),
  baseUrlOf,
  calls: [
    { path: 'chat.completions', method: 'create', api: openAIChat },
    { path: 'completions', method: 'create', api: openAICompletions },
    { path: 'responses', method: 'create', api: openAIResponses },
    { path: 'embeddings', method: 'create', api: openAIEmbeddings },
    { path: 'images', method: 'generate', api: openAIImages },
    { path: 'images', method: 'edit', api: openAIImages },
    { path: 'audio.transcriptions', method: 'create', api: openAITranscriptions },
    { path: 'audio.translations', method: 'create', api: openAITranslations },
    { path: 'audio.speech', method: 'create', api: openAISpeech },
  ],
  starters: ['stream', 'runTools'],
}

/** `@anthropic-ai/sdk` from 1.12 on makes spans with usage itself: both would count every call twice. */
const ownTracingOff = (client: object): object => ('openTelemetry' in client ? { openTelemetry: false } : {})

export const ANTHROPIC_SDK: Sdk = {
  name: '@anthropic-ai/sdk >= 0.60',
  recognises: (client) => copies(client) && hasMethod(client, 'messages', 'create'),
  copy: copyWith(ownTracingOff),
  makerOf: () => 'anthropic',
  baseUrlOf,
  calls: [
    { path: 'messages', method: 'create', api: anthropicMessages },
    { path: 'beta.messages', method: 'create', api: anthropicMessages },
  ],
  starters: ['stream'],
  derivedOptions: ownTracingOff,
}
