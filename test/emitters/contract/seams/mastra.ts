/** Mastra's agents, with a model of the AI SDK and with one of Mastra's router. */
import { createAnthropic } from '@ai-sdk/anthropic-7'
import { createOpenAI } from '@ai-sdk/openai-7'
import { Agent, type AgentConfig } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import { outlayMiddleware } from '@outlay/instrumentation/ai-sdk'
import { outlayModel } from '@outlay/instrumentation/mastra'
import { wrapLanguageModel } from 'ai-7'
import { z } from 'zod'
import { PROMPT, type Seam, type SeamSetting, WEATHER } from './seam.ts'

const weather = createTool({
  id: WEATHER.name,
  description: 'Weather',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => WEATHER.answer,
})

type Kind = 'responses' | 'messages' | 'router'

const sdkModel = (kind: Kind, { url }: SeamSetting) => {
  const connection = { baseURL: `${url}/v1`, apiKey: 'stub' }
  return kind === 'messages'
    ? createAnthropic(connection)('claude-sonnet-5-5')
    : createOpenAI(connection).responses('gpt-5')
}

const modelOf = (kind: Kind, setting: SeamSetting): AgentConfig['model'] => {
  const { url, measured, doubled } = setting
  if (kind === 'router') {
    const config = { id: 'acme/gpt-5', url: `${url}/v1`, apiKey: 'stub', api: 'responses' } as const
    return measured ? outlayModel(config) : config
  }
  const plain = sdkModel(kind, setting)
  // Of another minor version of the AI SDK than the types that Mastra brings.
  if (!measured) return plain as AgentConfig['model']
  const inner = doubled ? wrapLanguageModel({ model: plain, middleware: outlayMiddleware() }) : plain
  return outlayModel(inner) as AgentConfig['model']
}

const runAgent = async (kind: Kind, setting: SeamSetting): Promise<unknown> => {
  const { retries, timeoutMs, signal, tools, stream } = setting
  const agent = new Agent({
    id: 'assistant',
    name: 'Assistant',
    instructions: 'Be brief.',
    model: modelOf(kind, setting),
    maxRetries: retries,
    tools: tools ? { [WEATHER.name]: weather } : {},
  })
  const options = {
    maxSteps: 3,
    abortSignal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]),
  }
  if (!stream) {
    const { text, usage, toolCalls, error, steps } = await agent.generate(PROMPT, options)
    if (error !== undefined) throw error
    return {
      text,
      usage,
      toolCalls: toolCalls.length,
      args: steps.map((step) => step.toolCalls.map(({ payload }) => payload.args)),
    }
  }
  const output = await agent.stream(PROMPT, options)
  const types: string[] = []
  for await (const chunk of output.fullStream) types.push(chunk.type)
  if (output.error !== undefined) throw output.error
  return {
    types,
    text: await output.text,
    usage: await output.usage,
    args: (await output.steps).map((step) => step.toolCalls.map(({ payload }) => payload.args)),
  }
}

const METERS = { input: 700, cache_read: 300, output: 40, output_reasoning: 60 } as const
const COMMON = { retriedBy: 'above', doubledBy: 'the middleware' } as const

export const MASTRA_SEAMS: readonly Seam[] = [
  {
    ...COMMON,
    id: 'mastra, openai responses',
    provider: 'openai',
    meters: { ...METERS, cache_write_unknown: 20 },
    run: (setting) => runAgent('responses', setting),
  },
  {
    ...COMMON,
    id: 'mastra, anthropic messages',
    provider: 'anthropic',
    meters: { ...METERS, cache_write_5m: 20, cache_write_1h: 10, web_search: 2 },
    run: (setting) => runAgent('messages', setting),
  },
  {
    id: 'mastra, router',
    provider: 'acme',
    meters: METERS,
    retriedBy: 'above',
    run: (setting) => runAgent('router', setting),
  },
]
