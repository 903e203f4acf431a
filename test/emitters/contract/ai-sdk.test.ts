/** What only the AI SDK has: nested models in tools, provider events on request, models that keep their usage object. */
import { withAttribution } from '@outlay/instrumentation'
import {
  outlayEmbeddingMiddleware,
  outlayImageMiddleware,
  outlayMiddleware,
  outlayTelemetry,
} from '@outlay/instrumentation/ai-sdk'
import * as ai5 from 'ai-5'
import { MockLanguageModelV2 } from 'ai-5/test'
import * as ai6 from 'ai-6'
import { MockLanguageModelV3 } from 'ai-6/test'
import * as ai7 from 'ai-7'
import { createAnthropic } from '@ai-sdk/anthropic-7'
import { createOpenAI as createOpenAI5 } from '@ai-sdk/openai-5'
import { createOpenAI as createOpenAI6 } from '@ai-sdk/openai-6'
import { createOpenAI as createOpenAI7 } from '@ai-sdk/openai-7'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { drain, type Harness, readSome, startHarness, WHO } from '../../../packages/instrumentation/test/harness.ts'
import { settledCalls } from '../../../packages/instrumentation/test/settled.ts'

const TOOL_TURN = { input: 6_607, output: 61 }
const INNER = { input: 1_201, output: 145 }
const AFTER_TOOL = { input: 7_703, output: 767 }
const toolCall = { name: 'ask', arguments: {} }

const inputs = (harness: Harness): readonly number[] =>
  settledCalls(harness.spans())
    .map(({ meters }) => meters.input ?? 0)
    .toSorted((a, b) => a - b)

const connection = ({ stub }: Harness) => ({ baseURL: stub.openaiUrl, apiKey: 'stub' })

type Agent = (harness: Harness) => Promise<unknown>

/** A stream with a tool that asks a model of its own. */
const AGENTS: readonly (readonly [string, Agent])[] = [
  [
    'version 5, middleware',
    (harness) => {
      const model = ai5.wrapLanguageModel({
        model: createOpenAI5(connection(harness)).responses('gpt-5'),
        middleware: outlayMiddleware(),
      })
      const execute = async () => (await ai5.generateText({ model, prompt: 'inner' })).text
      const tools = { ask: ai5.tool({ description: 'Asks', inputSchema: z.object({}), execute }) }
      return drain(ai5.streamText({ model, prompt: 'outer', tools, stopWhen: ai5.stepCountIs(3) }).textStream)
    },
  ],
  [
    'version 6, middleware',
    (harness) => {
      const model = ai6.wrapLanguageModel({
        model: createOpenAI6(connection(harness)).responses('gpt-5'),
        middleware: outlayMiddleware(),
      })
      const execute = async () => (await ai6.generateText({ model, prompt: 'inner' })).text
      const tools = { ask: ai6.tool({ description: 'Asks', inputSchema: z.object({}), execute }) }
      return drain(ai6.streamText({ model, prompt: 'outer', tools, stopWhen: ai6.stepCountIs(3) }).textStream)
    },
  ],
  [
    'version 7, middleware',
    (harness) => {
      const model = ai7.wrapLanguageModel({
        model: createOpenAI7(connection(harness)).responses('gpt-5'),
        middleware: outlayMiddleware(),
      })
      const execute = async () => (await ai7.generateText({ model, prompt: 'inner' })).text
      const tools = { ask: ai7.tool({ description: 'Asks', inputSchema: z.object({}), execute }) }
      return drain(ai7.streamText({ model, prompt: 'outer', tools, stopWhen: ai7.stepCountIs(3) }).textStream)
    },
  ],
  [
    'version 7, telemetry',
    (harness) => {
      const model = createOpenAI7(connection(harness)).responses('gpt-5')
      const telemetry = { integrations: [outlayTelemetry()] }
      const execute = async () => (await ai7.generateText({ model, prompt: 'inner', telemetry })).text
      const tools = { ask: ai7.tool({ description: 'Asks', inputSchema: z.object({}), execute }) }
      const stopWhen = ai7.stepCountIs(3)
      return drain(ai7.streamText({ model, prompt: 'outer', tools, stopWhen, telemetry }).textStream)
    },
  ],
]

test.each(AGENTS)('a model that a tool of a stream asks is a call beside the stream: %s', async (_, agent) => {
  await using harness = await startHarness({
    script: [{ meters: TOOL_TURN, toolCall }, { meters: INNER }, { meters: AFTER_TOOL }],
  })
  await withAttribution(WHO, () => agent(harness))
  expect(harness.stub.requests).toHaveLength(3)
  expect(inputs(harness)).toEqual([1_201, 6_607, 7_703])
  const traces = new Set(harness.spans().map((span) => span.spanContext().traceId))
  expect(traces.size).toBe(3)
})

test('middleware and telemetry of ours on one call are one call', async () => {
  await using harness = await startHarness({ script: [{ meters: INNER }] })
  const model = ai7.wrapLanguageModel({
    model: createOpenAI7(connection(harness)).responses('gpt-5'),
    middleware: outlayMiddleware(),
  })
  const telemetry = { integrations: [outlayTelemetry()] }
  await withAttribution(WHO, () => drain(ai7.streamText({ model, prompt: 'x', telemetry }).textStream))
  expect(inputs(harness)).toEqual([1_201])
})

describe('events of the provider', () => {
  const modelOf = (harness: Harness) =>
    ai7.wrapLanguageModel({
      model: createOpenAI7(connection(harness)).responses('gpt-5'),
      middleware: outlayMiddleware(),
    })

  test.each([[undefined], [false], [true]])('reach whoever uses the model as it asked for them: %s', async (asked) => {
    await using harness = await startHarness({ script: [{ meters: INNER }] })
    const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }]
    const include = asked === undefined ? {} : { includeRawChunks: asked }
    const { stream } = await withAttribution(WHO, () => modelOf(harness).doStream({ prompt, ...include }))
    const parts = await drain(stream)
    expect(parts.some(({ type }) => type === 'raw')).toBe(asked === true)
    expect(inputs(harness)).toEqual([1_201])
  })
})

test('a stream that the app leaves early is partial, with what was counted by then', async () => {
  await using harness = await startHarness({ script: [{ meters: INNER, stallAfterChunks: 4 }] })
  const model = ai7.wrapLanguageModel({
    model: createAnthropic({ baseURL: harness.stub.openaiUrl, apiKey: 'stub' })('claude-sonnet-5-5'),
    middleware: outlayMiddleware(),
  })
  const aborting = new AbortController()
  await withAttribution(WHO, async () => {
    const { textStream } = ai7.streamText({ model, prompt: 'x', abortSignal: aborting.signal })
    await readSome(textStream, 1)
    aborting.abort()
  })
  await expect.poll(() => harness.spans().length).toBe(1)
  expect(harness.attributes()).toMatchObject({
    'outlay.usage.status': 'partial',
    'gen_ai.usage.input_tokens': 1_201,
    'gen_ai.response.id': expect.stringMatching(/^msg_/),
  })
})

describe('a model that keeps the usage object of its provider to itself', () => {
  const text = [{ type: 'text' as const, text: 'hello' }]

  test('is counted by the counters of the SDK', async () => {
    await using harness = await startHarness()
    const model = new MockLanguageModelV3({
      provider: 'acme.chat',
      modelId: 'acme-1',
      doGenerate: async () => ({
        content: text,
        finishReason: { unified: 'stop', raw: undefined },
        warnings: [],
        usage: {
          inputTokens: { total: 1_000, noCache: 660, cacheRead: 300, cacheWrite: 40 },
          outputTokens: { total: 100, text: 40, reasoning: 60 },
        },
      }),
    })
    const wrapped = ai6.wrapLanguageModel({ model, middleware: outlayMiddleware() })
    await withAttribution(WHO, () => ai6.generateText({ model: wrapped, prompt: 'x' }))
    expect(settledCalls(harness.spans())).toMatchObject([
      {
        usageStatus: 'reported',
        meters: { input: 660, cache_read: 300, cache_write_unknown: 40, output: 40, output_reasoning: 60 },
      },
    ])
  })

  test('has its caches told apart where the total shows that they lie beside the input', async () => {
    await using harness = await startHarness()
    const model = new MockLanguageModelV2({
      provider: 'acme.chat',
      modelId: 'acme-1',
      doGenerate: async () => ({
        content: text,
        finishReason: 'stop',
        warnings: [],
        usage: { inputTokens: 700, cachedInputTokens: 300, outputTokens: 100, totalTokens: 1_100 },
      }),
    })
    const wrapped = ai5.wrapLanguageModel({ model, middleware: outlayMiddleware() })
    await withAttribution(WHO, () => ai5.generateText({ model: wrapped, prompt: 'x' }))
    expect(settledCalls(harness.spans())).toMatchObject([
      { usageStatus: 'reported', meters: { input: 700, cache_read: 300, output: 100 } },
    ])
  })

  test('and counts nothing is listed as absent', async () => {
    await using harness = await startHarness()
    const nothing = { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined }
    const model = new MockLanguageModelV2({
      doGenerate: async () => ({ content: text, finishReason: 'stop', warnings: [], usage: nothing }),
    })
    const wrapped = ai5.wrapLanguageModel({ model, middleware: outlayMiddleware() })
    await withAttribution(WHO, () => ai5.generateText({ model: wrapped, prompt: 'x' }))
    expect(harness.attributes()['outlay.usage.status']).toBe('absent')
  })
})

test.each(['middleware', 'telemetry'])('the host of the base URL says who bills: %s', async (by) => {
  await using harness = await startHarness({ script: [{ meters: INNER }] })
  const groq = createOpenAI7({
    baseURL: 'https://api.groq.com/openai/v1',
    apiKey: 'stub',
    fetch: (_, init) => fetch(`${harness.stub.openaiUrl}/chat/completions`, init),
  }).chat('llama-5')
  const model = by === 'telemetry' ? groq : ai7.wrapLanguageModel({ model: groq, middleware: outlayMiddleware() })
  const telemetry = { integrations: by === 'telemetry' ? [outlayTelemetry()] : [] }
  await withAttribution(WHO, () => ai7.generateText({ model, prompt: 'x', telemetry }))
  expect(harness.attributes()).toMatchObject({ 'gen_ai.provider.name': 'groq', 'server.address': 'api.groq.com' })
})

test('each version takes the middleware as its own', () => {
  expectTypeOf(outlayMiddleware()).toExtend<ai5.LanguageModelMiddleware>()
  expectTypeOf(outlayMiddleware()).toExtend<ai6.LanguageModelMiddleware>()
  expectTypeOf(outlayMiddleware()).toExtend<ai7.LanguageModelMiddleware>()
  expectTypeOf(outlayEmbeddingMiddleware()).toExtend<ai6.EmbeddingModelMiddleware>()
  expectTypeOf(outlayEmbeddingMiddleware()).toExtend<ai7.EmbeddingModelMiddleware>()
  expectTypeOf(outlayImageMiddleware()).toExtend<ai6.ImageModelMiddleware>()
  expectTypeOf(outlayImageMiddleware()).toExtend<ai7.ImageModelMiddleware>()
  expectTypeOf(outlayTelemetry()).toExtend<ai7.Telemetry>()
})
