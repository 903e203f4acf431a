/** The cases with the OpenAI Agents SDK, over both of its transports. */
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents'
import OpenAI from 'openai'
import { z } from 'zod'
import { TOOL_NAME } from '../cases.ts'
import type { Lane, Program, Programs } from '../emitter.ts'
import { drain, PROMPT } from './material.ts'

const schema = z.object({ city: z.string() })
const weather = tool({ name: TOOL_NAME, description: 'Weather', parameters: schema, execute: async () => 'sunny' })

const textPrograms = (prefix: 'chat' | 'responses', wrap: (client: OpenAI) => OpenAI): Programs => {
  const runner = ({ openaiUrl }: Lane): Runner => {
    const openAIClient = wrap(new OpenAI({ baseURL: openaiUrl, apiKey: 'stub' }))
    return new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses: prefix === 'responses' }) })
  }
  const agent = ({ model }: Lane) => new Agent({ name: 'Assistant', instructions: 'Be brief.', model })
  const plain: Program = async (lane) => {
    await runner(lane).run(agent(lane), PROMPT)
  }
  const programs: Readonly<Record<string, Program>> = {
    plain,
    reasoning: plain,
    cached: plain,
    retry: plain,
    stream: async (lane) => {
      const result = await runner(lane).run(agent(lane), PROMPT, { stream: true })
      await drain(result)
      await result.completed
    },
    object: async (lane) => {
      const structured = new Agent({
        name: 'Assistant',
        instructions: 'Be brief.',
        model: lane.model,
        outputType: schema,
      })
      await runner(lane).run(structured, PROMPT)
    },
    tools: async (lane) => {
      await runner(lane).run(agent(lane).clone({ tools: [weather] }), PROMPT)
    },
  }
  return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${prefix}.${name}`, program]))
}

/** `wrap`: for instrumentations that wrap a client. */
export const agentsPrograms = (wrap: (client: OpenAI) => OpenAI = (client) => client): Programs => ({
  ...textPrograms('chat', wrap),
  ...textPrograms('responses', wrap),
})
