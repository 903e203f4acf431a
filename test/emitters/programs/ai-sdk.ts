/** The cases with the Vercel AI SDK: versions 5, 6 and 7 have the calls that are used here in common. */
import { z } from 'zod'
import { TOOL_NAME } from '../cases.ts'
import type { Lane, Program, Programs } from '../emitter.ts'
import { drain, PROMPT } from './material.ts'

type Options = Readonly<Record<string, unknown>>

/** What the versions share; their types differ in ways that do not matter here. */
export interface AiSdk {
  generateText(options: Options): Promise<unknown>
  streamText(options: Options): { readonly textStream: AsyncIterable<string> }
  generateObject(options: Options): Promise<unknown>
  streamObject(options: Options): { readonly partialObjectStream: AsyncIterable<unknown> }
  embed(options: Options): Promise<unknown>
  embedMany(options: Options): Promise<unknown>
  tool(options: Options): unknown
  stepCountIs(count: number): unknown
}

export interface AiSdkModels {
  readonly chat?: (lane: Lane) => unknown
  readonly responses?: (lane: Lane) => unknown
  readonly embeddings?: (lane: Lane) => unknown
  readonly messages?: (lane: Lane) => unknown
}

const schema = z.object({ city: z.string() })

/** `telemetry`: the options that switch telemetry on for a call. */
export const aiSdkPrograms = (ai: AiSdk, models: AiSdkModels, telemetry: Options): Programs => {
  const tools = {
    [TOOL_NAME]: ai.tool({ description: 'Weather', inputSchema: schema, execute: async () => 'sunny' }),
  }
  const textPrograms = (prefix: 'chat' | 'responses' | 'messages', model: (lane: Lane) => unknown): Programs => {
    const generate: Program = async (lane) => {
      await ai.generateText({ model: model(lane), prompt: PROMPT, ...telemetry })
    }
    const stream: Program = (lane) =>
      drain(ai.streamText({ model: model(lane), prompt: PROMPT, ...telemetry }).textStream)
    const object: Program = async (lane) => {
      await ai.generateObject({ model: model(lane), prompt: PROMPT, schema, ...telemetry })
    }
    const programs: Readonly<Record<string, Program>> = {
      plain: generate,
      stream,
      reasoning: generate,
      cached: generate,
      cache_below: generate,
      cache_above: generate,
      cache_stream: stream,
      retry: generate,
      object,
      cache_object: object,
      object_stream: (lane) =>
        drain(ai.streamObject({ model: model(lane), prompt: PROMPT, schema, ...telemetry }).partialObjectStream),
      tools: async (lane) => {
        await ai.generateText({
          model: model(lane),
          prompt: PROMPT,
          tools,
          stopWhen: ai.stepCountIs(3),
          ...telemetry,
        })
      },
    }
    return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${prefix}.${name}`, program]))
  }
  const { chat, responses, embeddings, messages } = models
  return {
    ...(chat && textPrograms('chat', chat)),
    ...(responses && textPrograms('responses', responses)),
    ...(messages && textPrograms('messages', messages)),
    ...(embeddings && {
      'embeddings.one': async (lane) => {
        await ai.embed({ model: embeddings(lane), value: PROMPT, ...telemetry })
      },
      'embeddings.many': async (lane) => {
        await ai.embedMany({ model: embeddings(lane), values: [PROMPT, 'And tomorrow?'], ...telemetry })
      },
    }),
  }
}
