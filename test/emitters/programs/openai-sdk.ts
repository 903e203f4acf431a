/** The cases with the SDK of OpenAI, its helpers included: they end up in the methods that instrumentations patch. */
import type OpenAI from 'openai'
import { TOOL_NAME } from '../cases.ts'
import type { Lane, Program, Programs } from '../emitter.ts'
import { drain, JSON_SCHEMA, PROMPT } from './material.ts'

const messages = [{ role: 'user' as const, content: PROMPT }]
const json = { type: 'json_schema' as const, name: 'place', strict: true, schema: JSON_SCHEMA }
const chatJson = { type: 'json_schema' as const, json_schema: { name: 'place', strict: true, schema: JSON_SCHEMA } }

type Client = (lane: Lane) => OpenAI

const chatPrograms = (client: Client): Programs => {
  const plain: Program = async (lane) => {
    await client(lane).chat.completions.create({ model: lane.model, messages })
  }
  return {
    'chat.plain': plain,
    'chat.reasoning': plain,
    'chat.cached': plain,
    'chat.retry': plain,
    'chat.stream': async (lane) => {
      const { model } = lane
      const options = { model, messages, stream: true, stream_options: { include_usage: true } } as const
      await drain(await client(lane).chat.completions.create(options))
    },
    'chat.object': async (lane) => {
      await client(lane).chat.completions.parse({ model: lane.model, messages, response_format: chatJson })
    },
    'chat.object_stream': async (lane) => {
      const { model } = lane
      const options = { model, messages, response_format: chatJson, stream_options: { include_usage: true } }
      await client(lane).chat.completions.stream(options).finalChatCompletion()
    },
    'chat.tools': async (lane) => {
      const { completions } = client(lane).chat
      const definition = { name: TOOL_NAME, description: 'Weather', parameters: JSON_SCHEMA }
      const ask = { model: lane.model, tools: [{ type: 'function' as const, function: definition }] }
      const { choices } = await completions.create({ ...ask, messages })
      const message = choices[0]?.message
      const call = message?.tool_calls?.[0]
      if (message === undefined || call === undefined) throw new Error('the stub asked for no tool')
      const result = { role: 'tool' as const, tool_call_id: call.id, content: 'sunny' }
      await completions.create({ ...ask, messages: [...messages, message, result] })
    },
  }
}

const responsesPrograms = (client: Client): Programs => {
  const plain: Program = async (lane) => {
    await client(lane).responses.create({ model: lane.model, input: PROMPT })
  }
  return {
    'responses.plain': plain,
    'responses.reasoning': plain,
    'responses.cached': plain,
    'responses.retry': plain,
    'responses.stream': async (lane) => {
      await drain(await client(lane).responses.create({ model: lane.model, input: PROMPT, stream: true }))
    },
    'responses.object': async (lane) => {
      await client(lane).responses.parse({ model: lane.model, input: PROMPT, text: { format: json } })
    },
    'responses.object_stream': async (lane) => {
      await client(lane)
        .responses.stream({ model: lane.model, input: PROMPT, text: { format: json } })
        .finalResponse()
    },
    'responses.tools': async (lane) => {
      const openai = client(lane)
      const { model } = lane
      const tools = [{ type: 'function' as const, name: TOOL_NAME, strict: true, parameters: JSON_SCHEMA }]
      const first = await openai.responses.create({ model, tools, input: PROMPT })
      const [call] = first.output
      if (call?.type !== 'function_call') throw new Error('the stub asked for no tool')
      const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'sunny' }
      await openai.responses.create({ model, tools, previous_response_id: first.id, input: [result] })
    },
  }
}

const embeddingPrograms = (client: Client): Programs => ({
  'embeddings.one': async (lane) => {
    await client(lane).embeddings.create({ model: lane.model, input: PROMPT })
  },
  'embeddings.many': async (lane) => {
    await client(lane).embeddings.create({ model: lane.model, input: [PROMPT, 'And tomorrow?'] })
  },
})

/** `client`: an instrumented one for the lane. */
export const openAiSdkPrograms = (client: Client): Programs => ({
  ...chatPrograms(client),
  ...responsesPrograms(client),
  ...embeddingPrograms(client),
})
