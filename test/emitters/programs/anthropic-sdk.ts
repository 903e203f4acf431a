/** The cases with the SDK of Anthropic, its helpers included. */
import type Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { z } from 'zod'
import { TOOL_NAME } from '../cases.ts'
import type { Lane, Program, Programs } from '../emitter.ts'
import { drain, JSON_SCHEMA, PROMPT } from './material.ts'

const messages = [{ role: 'user' as const, content: PROMPT }]
const ask = ({ model }: Lane) => ({ model, max_tokens: 1_000, messages })
const output = { format: { type: 'json_schema' as const, schema: JSON_SCHEMA } }

const weather = betaZodTool({
  name: TOOL_NAME,
  description: 'Weather',
  inputSchema: z.object({ city: z.string() }),
  run: async () => 'sunny',
})

/** `client`: an instrumented one for the lane. */
export const anthropicSdkPrograms = (client: (lane: Lane) => Anthropic): Programs => {
  const plain: Program = async (lane) => {
    await client(lane).messages.create(ask(lane))
  }
  const stream: Program = async (lane) => {
    await drain(await client(lane).messages.create({ ...ask(lane), stream: true }))
  }
  const object: Program = async (lane) => {
    await client(lane).messages.parse({ ...ask(lane), output_config: output })
  }
  return {
    'messages.plain': plain,
    'messages.reasoning': plain,
    'messages.cache_below': plain,
    'messages.cache_above': plain,
    'messages.retry': plain,
    'messages.stream': stream,
    'messages.cache_stream': stream,
    'messages.object': object,
    'messages.cache_object': object,
    'messages.object_stream': async (lane) => {
      await client(lane)
        .messages.stream({ ...ask(lane), output_config: output })
        .finalMessage()
    },
    'messages.tools': async (lane) => {
      const anthropic = client(lane)
      const tools = [{ name: TOOL_NAME, input_schema: JSON_SCHEMA }]
      const { content } = await anthropic.messages.create({ ...ask(lane), tools } as never)
      const [call] = content
      if (call?.type !== 'tool_use') throw new Error('the stub asked for no tool')
      const result = { type: 'tool_result' as const, tool_use_id: call.id, content: 'sunny' }
      const history = [
        ...messages,
        { role: 'assistant' as const, content },
        { role: 'user' as const, content: [result] },
      ]
      await anthropic.messages.create({ ...ask(lane), tools, messages: history } as never)
    },
    'messages.agent': async (lane) => {
      await client(lane).beta.messages.toolRunner({ ...ask(lane), tools: [weather] })
    },
  }
}
