/** The OpenAI Agents SDK over both of its transports, with the model provider around its own. */
import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents'
import { wrap } from '@outlay/instrumentation'
import { outlayModelProvider } from '@outlay/instrumentation/openai-agents'
import { OpenAI } from 'openai'
import { z } from 'zod'
import { PROMPT, type Seam, type SeamSetting, WEATHER } from './seam.ts'

// Its own traces go to OpenAI.
setTracingDisabled(true)

const weather = tool({
  name: WEATHER.name,
  description: 'Weather',
  parameters: z.object({ city: z.string() }),
  execute: async () => WEATHER.answer,
})

const runAgent = async (useResponses: boolean, setting: SeamSetting): Promise<unknown> => {
  const { url, retries, timeoutMs, measured, doubled, signal, tools, stream } = setting
  const plain = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'stub', maxRetries: retries, timeout: timeoutMs })
  const openAIClient = measured && doubled ? wrap(plain) : plain
  const provider = new OpenAIProvider({ openAIClient, useResponses })
  const runner = new Runner({ modelProvider: measured ? outlayModelProvider(provider) : provider })
  const agent = new Agent({ name: 'Assistant', model: 'gpt-5', tools: tools ? [weather] : [] })
  const options = signal === undefined ? {} : { signal }
  if (!stream) {
    const { finalOutput, rawResponses } = await runner.run(agent, PROMPT, options)
    return { finalOutput, usages: rawResponses.map(({ usage, output }) => [usage, output]) }
  }
  const result = await runner.run(agent, PROMPT, { ...options, stream: true })
  const seen: unknown[] = []
  for await (const event of result) seen.push(event.type)
  await result.completed
  return {
    seen,
    finalOutput: result.finalOutput,
    usages: result.rawResponses.map(({ usage, output }) => [usage, output]),
  }
}

const METERS = { input: 700, cache_read: 300, output: 40, output_reasoning: 60 } as const
const OPENAI = { provider: 'openai', retriedBy: 'below', doubledBy: 'a wrapped client' } as const

export const OPENAI_AGENTS_SEAMS: readonly Seam[] = [
  { ...OPENAI, id: 'openai agents, chat', meters: METERS, run: (setting) => runAgent(false, setting) },
  {
    ...OPENAI,
    id: 'openai agents, responses',
    // The SDK itself fails on a stream that tells the lives of cache writes apart.
    meters: { ...METERS, cache_write_unknown: 20 },
    run: (setting) => runAgent(true, setting),
  },
]
