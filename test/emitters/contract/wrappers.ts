/** Every endpoint that `wrap` measures, called as an app would call it with the maker's own SDK. */
import Anthropic from '@anthropic-ai/sdk'
import * as google from '@google/genai'
import type { GoogleGenAI } from '@google/genai'
import { Mistral } from '@mistralai/mistralai'
import { BEDROCK } from './bedrock.ts'
import { COMPATIBLE } from './compatible.ts'
import {
  ANTHROPIC_MESSAGES,
  COHERE_MESSAGES,
  FILE_NAME,
  GEMINI_CONTENTS,
  MISTRAL_MESSAGES,
  OPENAI_MESSAGES,
  PROMPT,
  RESPONSES_INPUT,
  SYSTEM_PROMPT,
} from './conversations.ts'
import { type ClientSettings, type Wrapper, wrapper } from './wrapper.ts'
import * as cohere from 'cohere-ai'
import type { CohereClientV2 } from 'cohere-ai'
import * as openai from 'openai'
import type { OpenAI } from 'openai'

const CHAT_METERS = { input: 700, cache_read: 300, output: 40, output_reasoning: 60 }
const openAiOptions = ({ url, retries, timeoutMs }: ClientSettings) => ({
  apiKey: 'stub',
  baseURL: `${url}/v1`,
  maxRetries: retries,
  timeout: timeoutMs,
})

const openAiChat = {
  api: 'openai.chat',
  meters: CHAT_METERS,
  call: (client: OpenAI, signal?: AbortSignal) =>
    client.chat.completions.create({ model: 'gpt-5', messages: OPENAI_MESSAGES }, { signal }),
  stream: (client: OpenAI, signal?: AbortSignal) =>
    client.chat.completions.create({ model: 'gpt-5', messages: OPENAI_MESSAGES, stream: true }, { signal }),
} as const

type OpenAiSdk = Pick<typeof openai, 'OpenAI' | 'AzureOpenAI' | 'toFile'>

/** Of any version of the SDK that has these endpoints. */
export const openAiWrappers = (sdk: OpenAiSdk): readonly Wrapper[] => {
  const createOpenAi = (settings: ClientSettings) => new sdk.OpenAI(openAiOptions(settings))
  return [
    wrapper<OpenAI>({ ...openAiChat, id: 'openai chat', provider: 'openai', create: createOpenAi }),
    wrapper<OpenAI>({
      ...openAiChat,
      id: 'azure openai chat',
      provider: 'azure.ai.openai',
      create: (settings) =>
        new sdk.AzureOpenAI({ ...openAiOptions(settings), apiVersion: '2026-10-01', deployment: 'my-deployment' }),
    }),
    wrapper<OpenAI>({
      id: 'openai responses',
      api: 'openai.responses',
      provider: 'openai',
      meters: { ...CHAT_METERS, cache_write_30m: 20 },
      create: createOpenAi,
      call: (client, signal) =>
        client.responses.create({ model: 'gpt-5', instructions: SYSTEM_PROMPT, input: RESPONSES_INPUT }, { signal }),
      stream: (client, signal) =>
        client.responses.create(
          { model: 'gpt-5', instructions: SYSTEM_PROMPT, input: RESPONSES_INPUT, stream: true },
          { signal },
        ),
    }),
    wrapper<OpenAI>({
      id: 'openai embeddings',
      api: 'openai.embeddings',
      provider: 'openai',
      meters: { input: 77 },
      create: createOpenAi,
      call: (client, signal) =>
        client.embeddings.create({ model: 'text-embedding-3-small', input: PROMPT }, { signal }),
      toolless: true,
    }),
    wrapper<OpenAI>({
      id: 'openai images',
      api: 'openai.images',
      provider: 'openai',
      meters: { input: 20, input_image: 30, output: 5, output_image: 1_056 },
      create: createOpenAi,
      call: (client, signal) => client.images.generate({ model: 'gpt-image-2', prompt: PROMPT }, { signal }),
      stream: (client, signal) =>
        client.images.generate({ model: 'gpt-image-2', prompt: PROMPT, stream: true }, { signal }),
      toolless: true,
    }),
    wrapper<OpenAI>({
      id: 'openai transcriptions by token',
      api: 'openai.transcriptions',
      provider: 'openai',
      meters: { input: 3, input_audio: 140, output: 40 },
      create: createOpenAi,
      call: async (client, signal) =>
        client.audio.transcriptions.create(
          { model: 'gpt-4o-transcribe', file: await sdk.toFile(Buffer.from('RIFF'), FILE_NAME), prompt: PROMPT },
          { signal },
        ),
      stream: async (client, signal) =>
        client.audio.transcriptions.create(
          {
            model: 'gpt-4o-transcribe',
            file: await sdk.toFile(Buffer.from('RIFF'), FILE_NAME),
            prompt: PROMPT,
            stream: true,
          },
          { signal },
        ),
      toolless: true,
    }),
    wrapper<OpenAI>({
      id: 'openai transcriptions by duration',
      api: 'openai.transcriptions',
      provider: 'openai',
      meters: { audio_second: 12 },
      create: createOpenAi,
      call: async (client, signal) =>
        client.audio.transcriptions.create(
          { model: 'whisper-1', file: await sdk.toFile(Buffer.from('RIFF'), FILE_NAME), prompt: PROMPT },
          { signal },
        ),
      toolless: true,
    }),
  ]
}

const messageRequest = {
  model: 'claude-sonnet-5-5' as const,
  max_tokens: 100,
  system: SYSTEM_PROMPT,
  messages: ANTHROPIC_MESSAGES,
}
const anthropicMessages = {
  api: 'anthropic.messages',
  provider: 'anthropic',
  meters: { ...CHAT_METERS, cache_write_5m: 20, cache_write_1h: 10, web_search: 2 },
  create: ({ url, retries, timeoutMs }: ClientSettings) =>
    // Its own tracing would show the calls of the plain client, too.
    new Anthropic({ apiKey: 'stub', baseURL: url, maxRetries: retries, timeout: timeoutMs, openTelemetry: false }),
} as const

const ANTHROPIC: readonly Wrapper[] = [
  wrapper<Anthropic>({
    ...anthropicMessages,
    id: 'anthropic messages',
    call: (client, signal) => client.messages.create(messageRequest, { signal }),
    stream: (client, signal) => client.messages.create({ ...messageRequest, stream: true }, { signal }),
  }),
  wrapper<Anthropic>({
    ...anthropicMessages,
    id: 'anthropic beta messages',
    call: (client, signal) => client.beta.messages.create(messageRequest, { signal }),
    stream: (client, signal) => client.beta.messages.create({ ...messageRequest, stream: true }, { signal }),
  }),
]

const abortedBy = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { abortSignal: signal })

type GoogleSdk = Pick<typeof google, 'GoogleGenAI'>

const createGoogle =
  (sdk: GoogleSdk, vertexai: boolean) =>
  ({ url, retries, timeoutMs }: ClientSettings) =>
    new sdk.GoogleGenAI({
      vertexai,
      apiKey: 'stub',
      httpOptions: {
        baseUrl: url,
        timeout: timeoutMs,
        // Up to 2.x a client that may try again loses the status of what it does not try again.
        ...(retries === 0 ? {} : { retryOptions: { attempts: retries + 1, initialDelay: 0.001 } }),
      },
    })

export const googleContent = (sdk: GoogleSdk, vertexai: boolean): Wrapper =>
  wrapper<GoogleGenAI>({
    id: vertexai ? 'google genai generateContent on Vertex' : 'google genai generateContent',
    api: 'gemini.generate',
    provider: vertexai ? 'gcp.vertex_ai' : 'gcp.gemini',
    meters: CHAT_METERS,
    create: createGoogle(sdk, vertexai),
    call: (client, signal) =>
      client.models.generateContent({
        model: 'gemini-2.5-flash',
        contents: GEMINI_CONTENTS,
        config: { systemInstruction: SYSTEM_PROMPT, ...abortedBy(signal) },
      }),
    stream: (client, signal) =>
      client.models.generateContentStream({
        model: 'gemini-2.5-flash',
        contents: GEMINI_CONTENTS,
        config: { systemInstruction: SYSTEM_PROMPT, ...abortedBy(signal) },
      }),
  })

const googleEmbeddings = (sdk: GoogleSdk, vertexai: boolean): Wrapper =>
  wrapper<GoogleGenAI>({
    id: vertexai ? 'google genai embedContent on Vertex' : 'google genai embedContent',
    api: 'gemini.embed',
    provider: vertexai ? 'gcp.vertex_ai' : 'gcp.gemini',
    meters: { input: 77 },
    create: createGoogle(sdk, vertexai),
    call: (client, signal) =>
      client.models.embedContent({
        model: 'gemini-embedding-001',
        contents: PROMPT,
        config: abortedBy(signal),
      }),
    toolless: true,
  })

const GOOGLE: readonly Wrapper[] = [false, true].flatMap((vertexai) => [
  googleContent(google, vertexai),
  googleEmbeddings(google, vertexai),
])

const createMistral = ({ url, retries, timeoutMs }: ClientSettings) =>
  new Mistral({
    apiKey: 'stub',
    serverURL: `${url}/mistral`,
    timeoutMs,
    retryConfig:
      retries === 0
        ? { strategy: 'none' }
        : {
            strategy: 'backoff',
            backoff: { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 60_000 },
          },
  })
const fetchOptionsWith = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal })

const MISTRAL: readonly Wrapper[] = [
  wrapper<Mistral>({
    id: 'mistral chat',
    api: 'mistral.chat',
    provider: 'mistral_ai',
    meters: { input: 700, cache_read: 300, output: 40 },
    create: createMistral,
    call: (client, signal) =>
      client.chat.complete({ model: 'mistral-large-2611', messages: MISTRAL_MESSAGES }, fetchOptionsWith(signal)),
    stream: (client, signal) =>
      client.chat.stream({ model: 'mistral-large-2611', messages: MISTRAL_MESSAGES }, fetchOptionsWith(signal)),
  }),
  wrapper<Mistral>({
    id: 'mistral embeddings',
    api: 'mistral.embeddings',
    provider: 'mistral_ai',
    meters: { input: 77 },
    create: createMistral,
    call: (client, signal) =>
      client.embeddings.create({ model: 'mistral-embed', inputs: [PROMPT] }, fetchOptionsWith(signal)),
    toolless: true,
  }),
]

type CohereSdk = Pick<typeof cohere, 'CohereClientV2'>

const createCohere =
  (sdk: CohereSdk) =>
  ({ url, retries, timeoutMs }: ClientSettings) =>
    new sdk.CohereClientV2({
      token: 'stub',
      environment: url,
      maxRetries: retries,
      timeoutInSeconds: timeoutMs / 1_000,
    })

export const cohereWrappers = (sdk: CohereSdk): readonly Wrapper[] => [
  wrapper<CohereClientV2>({
    id: 'cohere chat',
    api: 'cohere.chat',
    provider: 'cohere',
    meters: { input: 700, output: 40 },
    create: createCohere(sdk),
    call: (client, signal) => client.chat({ model: 'command-a-03-2025', messages: COHERE_MESSAGES }, abortedBy(signal)),
    stream: (client, signal) =>
      client.chatStream({ model: 'command-a-03-2025', messages: COHERE_MESSAGES }, abortedBy(signal)),
  }),
  wrapper<CohereClientV2>({
    id: 'cohere embed',
    api: 'cohere.embed',
    provider: 'cohere',
    meters: { input: 77 },
    create: createCohere(sdk),
    call: (client, signal) =>
      client.embed(
        { model: 'embed-v4.0', texts: [PROMPT], inputType: 'search_document', embeddingTypes: ['float'] },
        abortedBy(signal),
      ),
    toolless: true,
  }),
  wrapper<CohereClientV2>({
    id: 'cohere rerank',
    api: 'cohere.rerank',
    provider: 'cohere',
    meters: { search_unit: 1 },
    create: createCohere(sdk),
    call: (client, signal) =>
      client.rerank({ model: 'rerank-v3.5', query: PROMPT, documents: [PROMPT] }, abortedBy(signal)),
    toolless: true,
  }),
]

export const WRAPPERS: readonly Wrapper[] = [
  ...openAiWrappers(openai),
  ...COMPATIBLE,
  ...ANTHROPIC,
  ...GOOGLE,
  ...MISTRAL,
  ...cohereWrappers(cohere),
  ...BEDROCK,
]
