/** LangChain and LangGraph with the callback handler. */
import Anthropic from '@anthropic-ai/sdk'
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { type AIMessageChunk, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { wrap } from '@outlay/instrumentation'
import { OutlayCallbackHandler } from '@outlay/instrumentation/langchain'
import { OpenAI } from 'openai'
import { z } from 'zod'
import { PROMPT, type Seam, type SeamSetting, WEATHER } from './seam.ts'

const weather = tool(async () => WEATHER.answer, {
  name: WEATHER.name,
  description: 'Weather',
  schema: z.object({ city: z.string() }),
})

type Api = 'chat' | 'responses' | 'messages'

const openai = (setting: SeamSetting, useResponsesApi: boolean): BaseChatModel => {
  const { url, retries, timeoutMs } = setting
  const connection = { apiKey: 'stub', baseURL: `${url}/v1` }
  const model = new ChatOpenAI({
    model: 'gpt-5',
    apiKey: 'stub',
    useResponsesApi,
    configuration: { baseURL: connection.baseURL },
    maxRetries: retries,
    timeout: timeoutMs,
  })
  // The models inside take a client that is there already.
  if (setting.measured && setting.doubled) {
    const client = wrap(new OpenAI({ ...connection, maxRetries: 0, timeout: timeoutMs }))
    for (const inner of ['completions', 'responses']) Object.assign(Reflect.get(model, inner) as object, { client })
  }
  return model
}

const anthropic = ({ url, retries, timeoutMs, measured, doubled }: SeamSetting): BaseChatModel =>
  new ChatAnthropic({
    model: 'claude-sonnet-5-5',
    apiKey: 'stub',
    anthropicApiUrl: url,
    maxRetries: retries,
    clientOptions: { timeout: timeoutMs },
    ...(measured && doubled
      ? {
          createClient: () => wrap(new Anthropic({ apiKey: 'stub', baseURL: url, timeout: timeoutMs, maxRetries: 0 })),
        }
      : {}),
  })

const modelOf = (api: Api, setting: SeamSetting): BaseChatModel =>
  api === 'messages' ? anthropic(setting) : openai(setting, api === 'responses')

const shown = (message: BaseMessage): unknown => ({
  content: message.content,
  calls: Reflect.get(message, 'tool_calls'),
  usage: Reflect.get(message, 'usage_metadata'),
})

const optionsOf = ({ measured, signal }: SeamSetting) => ({
  ...(signal === undefined ? {} : { signal }),
  callbacks: measured ? [new OutlayCallbackHandler()] : [],
})

const answerOf = async (model: ReturnType<typeof runnable>, messages: BaseMessage[], setting: SeamSetting) => {
  if (!setting.stream) return model.invoke(messages, optionsOf(setting))
  let whole: AIMessageChunk | undefined
  for await (const chunk of await model.stream(messages, optionsOf(setting))) {
    whole = whole === undefined ? chunk : whole.concat(chunk)
  }
  if (whole === undefined) throw new Error('the stream was empty')
  return whole
}

const runnable = (model: BaseChatModel, withTools: boolean) => {
  const bound = withTools ? model.bindTools?.([weather]) : model
  if (bound === undefined) throw new Error('the model takes no tools')
  return bound
}

const runModel = async (api: Api, setting: SeamSetting): Promise<unknown> => {
  const model = runnable(modelOf(api, setting), setting.tools)
  const question = new HumanMessage(PROMPT)
  const first = await answerOf(model, [question], setting)
  if (!setting.tools) return shown(first)
  const [call] = first.tool_calls ?? []
  if (call?.id === undefined) throw new Error('the stub asked for no tool')
  const answer = new ToolMessage({
    content: await weather.invoke(call.args as { city: string }),
    tool_call_id: call.id,
  })
  return [shown(first), shown(await answerOf(model, [question, first, answer], setting))]
}

const METERS = { input: 700, cache_read: 300, output: 40, output_reasoning: 60 } as const

const OPENAI = { provider: 'openai', retriedBy: 'below', doubledBy: 'a wrapped client' } as const

const modelSeams: readonly Seam[] = [
  { ...OPENAI, id: 'langchain chat', meters: METERS, run: (setting) => runModel('chat', setting) },
  {
    ...OPENAI,
    id: 'langchain responses',
    meters: { ...METERS, cache_write_unknown: 20 },
    // Answers that do not stream come with LangChain's counters only.
    folded: { ...METERS, cache_write_unknown: 20 },
    run: (setting) => runModel('responses', setting),
  },
  {
    ...OPENAI,
    id: 'langchain messages',
    provider: 'anthropic',
    meters: { ...METERS, output: 100, output_reasoning: 0, cache_write_5m: 20, cache_write_1h: 10 },
    folded: { input: 700, cache_read: 300, output: 100, cache_write_5m: 20, cache_write_1h: 10 },
    run: (setting) => runModel('messages', setting),
  },
]

/** The graph streams what its nodes have done; its model is called without a stream. */
const graphSeam: Seam = {
  ...OPENAI,
  id: 'langgraph agent, chat',
  meters: METERS,
  async run(setting) {
    const agent = createReactAgent({ llm: modelOf('chat', setting), tools: setting.tools ? [weather] : [] })
    const input = { messages: [new HumanMessage(PROMPT)] }
    if (!setting.stream) {
      const { messages } = await agent.invoke(input, optionsOf(setting))
      return messages.map(shown)
    }
    const seen: unknown[] = []
    const stream = await agent.stream(input, { ...optionsOf(setting), streamMode: 'messages' })
    for await (const [message] of stream as AsyncIterable<[BaseMessage]>) seen.push(shown(message))
    return seen
  },
}

export const LANGCHAIN_SEAMS: readonly Seam[] = [...modelSeams, graphSeam]
