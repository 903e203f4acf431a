/** AI SDK 5, 6 and 7: middleware around a model, and the telemetry integration of 7. */
import {
  outlayEmbeddingMiddleware,
  outlayImageMiddleware,
  outlayMiddleware,
  outlayTelemetry,
} from '@outlay/instrumentation/ai-sdk'
import { z } from 'zod'
import { PROMPT, type Seam, type SeamSetting, WEATHER } from './seam.ts'

type Options = Readonly<Record<string, unknown>>

/** What the versions share; their types differ in ways that do not matter here. */
interface AiSdk {
  generateText(options: Options): Promise<Options>
  streamText(options: Options): { readonly fullStream: AsyncIterable<Options> }
  generateObject(options: Options): Promise<Options>
  embed(options: Options): Promise<Options>
  readonly experimental_generateImage: (options: Options) => Promise<Options>
  /** From version 6 on. */
  readonly generateImage?: (options: Options) => Promise<Options>
  tool(options: Options): unknown
  stepCountIs(count: number): unknown
  wrapLanguageModel(options: Options): unknown
  wrapEmbeddingModel(options: Options): unknown
  wrapImageModel(options: Options): unknown
}

interface OpenAiModels {
  chat(model: string): unknown
  responses(model: string): unknown
  textEmbeddingModel(model: string): unknown
  image(model: string): unknown
}

interface Makers {
  readonly createOpenAI: (options: Options) => OpenAiModels
  readonly createAnthropic: (options: Options) => (model: string) => unknown
}

interface Version {
  readonly major: 5 | 6 | 7
  readonly ai: AiSdk
  readonly makers: Makers
  /** Options that switch the SDK's own spans on for a call, beside `integrations` of ours. */
  readonly telemetry: (ownSpans: boolean, integrations: readonly object[]) => Options
}

/** Until version 6 the SDK traces itself. */
const builtIn = (ownSpans: boolean): Options => ({ experimental_telemetry: { isEnabled: ownSpans } })

const load = async (major: Version['major'], ai: unknown, ...makers: unknown[]): Promise<Version> => {
  const merged = Object.assign({}, ...makers) as Makers
  if (major !== 7) return { major, ai: ai as AiSdk, makers: merged, telemetry: builtIn }
  const { OpenTelemetry } = await import('@ai-sdk/otel')
  return {
    major,
    ai: ai as AiSdk,
    makers: merged,
    telemetry: (ownSpans, ours) => ({
      telemetry: { integrations: [...ours, ...(ownSpans ? [new OpenTelemetry()] : [])] },
    }),
  }
}

const AI_5 = await load(5, await import('ai-5'), await import('@ai-sdk/openai-5'), await import('@ai-sdk/anthropic-5'))
const AI_6 = await load(6, await import('ai-6'), await import('@ai-sdk/openai-6'), await import('@ai-sdk/anthropic-6'))
const AI_7 = await load(7, await import('ai-7'), await import('@ai-sdk/openai-7'), await import('@ai-sdk/anthropic-7'))

type Api = 'chat' | 'responses' | 'messages'

const modelOf = ({ makers }: Version, api: Api, url: string): unknown => {
  const connection = { baseURL: `${url}/v1`, apiKey: 'stub' }
  if (api === 'messages') return makers.createAnthropic(connection)('claude-sonnet-5-5')
  return makers.createOpenAI(connection)[api]('gpt-5')
}

/** In 5 and 6 a deadline is a signal. */
const signalOf = ({ signal, timeoutMs }: SeamSetting): AbortSignal =>
  AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])])

const withTools = ({ ai }: Version): Options => ({
  tools: {
    [WEATHER.name]: ai.tool({
      description: 'Weather',
      inputSchema: z.object({ city: z.string() }),
      execute: async () => WEATHER.answer,
    }),
  },
  stopWhen: ai.stepCountIs(3),
})

const drain = async (parts: AsyncIterable<Options>): Promise<readonly Options[]> => {
  const read: Options[] = []
  for await (const part of parts) {
    // The app gets failures as parts.
    if (part['type'] === 'error') throw part['error']
    if (part['type'] === 'abort') throw new DOMException('aborted', 'AbortError')
    read.push({ type: part['type'], text: part['text'], usage: part['usage'], input: part['input'] })
  }
  return read
}

const runText = async (version: Version, model: unknown, setting: SeamSetting, telemetry: Options) => {
  const options = {
    model,
    prompt: PROMPT,
    maxRetries: setting.retries,
    abortSignal: signalOf(setting),
    ...(setting.tools ? withTools(version) : {}),
    ...telemetry,
  }
  if (setting.stream) return drain(version.ai.streamText({ ...options, onError: () => undefined }).fullStream)
  const { text, usage, finishReason, steps } = await version.ai.generateText(options)
  const calls = (steps as readonly Options[]).map(({ toolCalls }) =>
    (toolCalls as readonly Options[]).map(({ input }) => input),
  )
  return { text, usage, finishReason, calls }
}

const METERS: Readonly<Record<Api, Seam['meters']>> = {
  chat: { input: 700, cache_read: 300, output: 40, output_reasoning: 60 },
  responses: { input: 700, cache_read: 300, cache_write_unknown: 20, output: 40, output_reasoning: 60 },
  messages: {
    input: 700,
    cache_read: 300,
    cache_write_5m: 20,
    cache_write_1h: 10,
    output: 40,
    output_reasoning: 60,
    web_search: 2,
  },
}

const textSeam = (version: Version, api: Api, by: 'middleware' | 'telemetry'): Seam => ({
  id: `ai ${version.major} ${api}, ${by}`,
  provider: api === 'messages' ? 'anthropic' : 'openai',
  meters: METERS[api],
  retriedBy: 'above',
  doubledBy: 'the SDK’s own spans',
  run(setting) {
    const plain = modelOf(version, api, setting.url)
    const isWrapped = setting.measured && by === 'middleware'
    const model = isWrapped ? version.ai.wrapLanguageModel({ model: plain, middleware: outlayMiddleware() }) : plain
    const ours = setting.measured && by === 'telemetry' ? [outlayTelemetry()] : []
    return runText(version, model, setting, version.telemetry(setting.doubled, ours))
  },
})

const objectSeam = (version: Version): Seam => ({
  ...textSeam(version, 'responses', 'middleware'),
  id: `ai ${version.major} generateObject, middleware`,
  toolless: true,
  streams: 'never',
  async run(setting) {
    const plain = modelOf(version, 'responses', setting.url)
    const { object, usage } = await version.ai.generateObject({
      model: setting.measured ? version.ai.wrapLanguageModel({ model: plain, middleware: outlayMiddleware() }) : plain,
      prompt: PROMPT,
      output: 'no-schema',
      maxRetries: setting.retries,
      abortSignal: signalOf(setting),
      ...version.telemetry(setting.doubled, []),
    })
    return { object, usage }
  },
})

const embeddingSeam = (version: Version): Seam => ({
  id: `ai ${version.major} embed, middleware`,
  provider: 'openai',
  meters: { input: 77 },
  retriedBy: 'above',
  toolless: true,
  streams: 'never',
  doubledBy: 'the SDK’s own spans',
  async run(setting) {
    const plain = version.makers.createOpenAI({ baseURL: `${setting.url}/v1`, apiKey: 'stub' })
    const model = plain.textEmbeddingModel('text-embedding-3-small')
    const { embedding, usage } = await version.ai.embed({
      model: setting.measured
        ? version.ai.wrapEmbeddingModel({ model, middleware: outlayEmbeddingMiddleware() })
        : model,
      value: PROMPT,
      maxRetries: setting.retries,
      abortSignal: signalOf(setting),
      ...version.telemetry(setting.doubled, []),
    })
    return { embedding, usage }
  },
})

const imageSeam = (version: Version): Seam => ({
  id: `ai ${version.major} generateImage, middleware`,
  provider: 'openai',
  meters: { input: 20, input_image: 30, output: 5, output_image: 1_056 },
  folded: { input: 20, input_image: 30, output: 1_061 },
  retriedBy: 'above',
  toolless: true,
  streams: 'never',
  async run(setting) {
    const plain = version.makers.createOpenAI({ baseURL: `${setting.url}/v1`, apiKey: 'stub' }).image('gpt-image-2')
    const generate = version.ai.generateImage ?? version.ai.experimental_generateImage
    const { image, usage } = await generate({
      model: setting.measured
        ? version.ai.wrapImageModel({ model: plain, middleware: outlayImageMiddleware() })
        : plain,
      prompt: PROMPT,
      maxRetries: setting.retries,
      abortSignal: signalOf(setting),
    })
    return { base64: (image as { readonly base64: string }).base64, usage }
  },
})

const APIS: readonly Api[] = ['chat', 'responses', 'messages']

export const AI_SDK_SEAMS: readonly Seam[] = [
  ...[AI_5, AI_6, AI_7].flatMap((version) => [
    ...APIS.map((api) => textSeam(version, api, 'middleware')),
    objectSeam(version),
  ]),
  ...APIS.map((api) => textSeam(AI_7, api, 'telemetry')),
  ...[AI_6, AI_7].flatMap((version) => [embeddingSeam(version), imageSeam(version)]),
]
