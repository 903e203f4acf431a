/** The cases with LangChain's models of OpenAI and Anthropic. */
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseCallbackHandler } from '@langchain/core/callbacks/base'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { z } from 'zod'
import { TOOL_NAME } from '../cases.ts'
import type { Lane, Program, Programs } from '../emitter.ts'
import { drain, PROMPT } from './material.ts'

const schema = z.object({ city: z.string() })
const weather = tool(async () => 'sunny', { name: TOOL_NAME, description: 'Weather', schema })

type Models = Readonly<Record<'chat' | 'responses' | 'messages', (lane: Lane) => BaseChatModel>>

const openai = ({ model, openaiUrl }: Lane, useResponsesApi: boolean): BaseChatModel =>
  new ChatOpenAI({ model, apiKey: 'stub', useResponsesApi, configuration: { baseURL: openaiUrl } })

const MODELS: Models = {
  chat: (lane) => openai(lane, false),
  responses: (lane) => openai(lane, true),
  messages: ({ model, url }) => new ChatAnthropic({ model, apiKey: 'stub', anthropicApiUrl: url }),
}

/** `callbacks`: where the emitter is a callback handler. */
const textPrograms = (prefix: keyof Models, callbacks: BaseCallbackHandler[]): Programs => {
  const model = MODELS[prefix]
  const options = { callbacks }
  const plain: Program = async (lane) => {
    await model(lane).invoke(PROMPT, options)
  }
  const stream: Program = async (lane) => drain(await model(lane).stream(PROMPT, options))
  const object: Program = async (lane) => {
    await model(lane).withStructuredOutput(schema, { name: 'place' }).invoke(PROMPT, options)
  }
  const tools: Program = async (lane) => {
    const bound = model(lane).bindTools?.([weather])
    if (bound === undefined) throw new Error('the model takes no tools')
    const question = new HumanMessage(PROMPT)
    const first = await bound.invoke([question], options)
    const [call] = first.tool_calls ?? []
    if (call?.id === undefined) throw new Error('the stub asked for no tool')
    await weather.invoke(call.args as { city: string }, options)
    await bound.invoke([question, first, new ToolMessage({ content: 'sunny', tool_call_id: call.id })], options)
  }
  const programs: Readonly<Record<string, Program>> = {
    plain,
    reasoning: plain,
    cached: plain,
    cache_below: plain,
    cache_above: plain,
    retry: plain,
    stream,
    cache_stream: stream,
    object,
    cache_object: object,
    tools,
  }
  return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${prefix}.${name}`, program]))
}

const embeddings = ({ model, openaiUrl }: Lane): OpenAIEmbeddings =>
  new OpenAIEmbeddings({ model, apiKey: 'stub', configuration: { baseURL: openaiUrl } })

export const langChainPrograms = (callbacks: BaseCallbackHandler[] = []): Programs => ({
  ...textPrograms('chat', callbacks),
  ...textPrograms('responses', callbacks),
  ...textPrograms('messages', callbacks),
  'embeddings.one': async (lane) => {
    await embeddings(lane).embedQuery(PROMPT)
  },
  'embeddings.many': async (lane) => {
    await embeddings(lane).embedDocuments([PROMPT, 'And tomorrow?'])
  },
})
