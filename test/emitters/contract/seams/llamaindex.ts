/** LlamaIndex: models whose client is wrapped, and one that hands on nothing but raw answers. */
import { Anthropic as AnthropicSdk } from '@anthropic-ai/sdk'
import { Anthropic, AnthropicSession } from '@llamaindex/anthropic'
import { BaseLLM, type ChatMessage, type LLM, type LLMMetadata } from '@llamaindex/core/llms'
import { tool } from '@llamaindex/core/tools'
import { OpenAI, OpenAIEmbedding, OpenAIResponses } from '@llamaindex/openai'
import { wrap } from '@outlay/instrumentation'
import { outlayModel } from '@outlay/instrumentation/llamaindex'
import { OpenAI as OpenAISdk } from 'openai'
import { z } from 'zod'
import { PROMPT, type Seam, type SeamSetting, WEATHER } from './seam.ts'

const weather = tool({
  name: WEATHER.name,
  description: 'Weather',
  parameters: z.object({ city: z.string() }),
  execute: () => WEATHER.answer,
})

type Kind = 'chat' | 'responses' | 'messages' | 'raw'

const connection = ({ url, retries, timeoutMs }: SeamSetting) => ({
  apiKey: 'stub',
  baseURL: `${url}/v1`,
  maxRetries: retries,
  timeout: timeoutMs,
})

/** A model of somebody else's, as LlamaIndex wants them written. */
class RawModel extends BaseLLM {
  readonly #client: OpenAISdk
  readonly metadata: LLMMetadata

  constructor(client: OpenAISdk) {
    super()
    this.#client = client
    this.metadata = {
      model: 'gpt-5',
      temperature: 1,
      topP: 1,
      contextWindow: 1_000,
      tokenizer: undefined,
      structuredOutput: false,
    }
  }

  // The two overloads of the interface in one.
  async chat({ messages, stream = false }: { messages: ChatMessage[]; stream?: boolean }): Promise<never> {
    const body = {
      model: 'gpt-5',
      messages: messages.map(({ content }) => ({
        role: 'user' as const,
        content: typeof content === 'string' ? content : '',
      })),
    }
    if (stream) return this.#stream(body) as never
    const raw = await this.#client.chat.completions.create(body)
    return { raw, message: { role: 'assistant', content: raw.choices[0]?.message.content ?? '' } } as never
  }

  async *#stream(body: Parameters<OpenAISdk['chat']['completions']['create']>[0]) {
    const usage = { stream: true, stream_options: { include_usage: true } } as const
    for await (const raw of await this.#client.chat.completions.create({ ...body, ...usage })) {
      yield { raw, delta: raw.choices[0]?.delta.content ?? '' }
    }
  }
}

const modelOf = (kind: Kind, setting: SeamSetting): LLM => {
  const { doubled, measured, url } = setting
  const options = connection(setting)
  const isWrapped = measured && doubled
  if (kind === 'messages') {
    const session = new AnthropicSession({ apiKey: 'stub' })
    const plain = new AnthropicSdk({ ...options, baseURL: url, openTelemetry: false })
    session.anthropic = (isWrapped ? wrap(plain) : plain) as never
    return new Anthropic({ model: 'claude-sonnet-5-5', session })
  }
  const sdk = new OpenAISdk(options)
  const client = isWrapped ? wrap(sdk) : sdk
  if (kind === 'raw') return new RawModel(client)
  const Model = kind === 'chat' ? OpenAI : OpenAIResponses
  return new Model({ model: 'gpt-5', session: client as never })
}

interface Turn {
  readonly content: unknown
  readonly calls: unknown
}

const turnOf = async (llm: LLM, messages: ChatMessage[], { stream, tools }: SeamSetting): Promise<Turn> => {
  const params = { messages, ...(tools ? { tools: [weather] } : {}) }
  if (!stream) {
    const { message } = await llm.chat(params)
    return { content: message.content, calls: Reflect.get(message.options ?? {}, 'toolCall') }
  }
  let content = ''
  let calls: unknown
  for await (const { delta, options } of await llm.chat({ ...params, stream: true })) {
    content += delta
    calls = Reflect.get(options ?? {}, 'toolCall') ?? calls
  }
  return { content, calls }
}

const runModel = async (kind: Kind, setting: SeamSetting): Promise<unknown> => {
  const plain = modelOf(kind, setting)
  const llm = setting.measured ? outlayModel(plain, { provider: 'openai' }) : plain
  const question: ChatMessage = { role: 'user', content: PROMPT }
  const first = await turnOf(llm, [question], setting)
  if (!setting.tools) return first
  const [call] = first.calls as { readonly id: string }[]
  if (call === undefined) throw new Error('the stub asked for no tool')
  const asked: ChatMessage = { role: 'assistant', content: '', options: { toolCall: [call] } }
  const answered: ChatMessage = {
    role: 'user',
    content: WEATHER.answer,
    options: { toolResult: { id: call.id, result: WEATHER.answer, isError: false } },
  }
  return [first, await turnOf(llm, [question, asked, answered], setting)]
}

const METERS = { input: 700, cache_read: 300, output: 40, output_reasoning: 60 } as const
const COMMON = { provider: 'openai', retriedBy: 'below', unabortable: true, doubledBy: 'a wrapped client' } as const

export const LLAMAINDEX_SEAMS: readonly Seam[] = [
  { ...COMMON, id: 'llamaindex, openai chat', meters: METERS, run: (setting) => runModel('chat', setting) },
  {
    ...COMMON,
    id: 'llamaindex, openai responses',
    meters: { ...METERS, cache_write_30m: 20 },
    run: (setting) => runModel('responses', setting),
  },
  {
    ...COMMON,
    id: 'llamaindex, anthropic messages',
    provider: 'anthropic',
    meters: { ...METERS, cache_write_5m: 20, cache_write_1h: 10, web_search: 2 },
    run: (setting) => runModel('messages', setting),
  },
  {
    ...COMMON,
    id: 'llamaindex, raw answers',
    meters: METERS,
    toolless: true,
    run: (setting) => runModel('raw', setting),
  },
  {
    ...COMMON,
    id: 'llamaindex, openai embeddings',
    meters: { input: 77 },
    toolless: true,
    streams: 'never',
    async run(setting) {
      const client = new OpenAISdk(connection(setting))
      const session = setting.measured && setting.doubled ? wrap(client) : client
      const plain = new OpenAIEmbedding({ model: 'text-embedding-3-small', session: session as never })
      const model = setting.measured ? outlayModel(plain) : plain
      return model.getTextEmbedding(PROMPT)
    },
  },
]
