/** The counters on the span are the provider's, for every endpoint, streamed or not. */
import type { MeterQuantities } from '@outlay/core'
import { type StubApi, usageOf } from '@outlay/testkit'
import { describe, expect, test } from 'vitest'
import { withAttribution } from '#src/index.ts'
import { chatRequest, drain, type Harness, messageRequest, startHarness, WHO } from './harness.ts'
import { settledMeters } from './settled.ts'

const CHAT: MeterQuantities = {
  input: 700,
  input_audio: 11,
  cache_read: 300,
  cache_write_unknown: 50,
  output: 40,
  output_reasoning: 60,
}
const RESPONSES: MeterQuantities = {
  input: 500,
  cache_read: 2_000,
  cache_write_30m: 300,
  cache_write_12h: 100,
  output: 10,
  output_reasoning: 90,
}
const MESSAGES: MeterQuantities = {
  input: 40,
  cache_read: 5_000,
  cache_write_5m: 200,
  cache_write_1h: 100,
  output: 30,
  output_reasoning: 12,
  web_search: 2,
}

interface Case {
  readonly title: string
  readonly api: StubApi
  readonly meters: MeterQuantities
  readonly call: (harness: Harness) => PromiseLike<unknown>
  readonly expected: Record<string, unknown>
}

const chatAttributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'openai.api.type': 'chat_completions',
  'openai.response.service_tier': 'flex',
  'gen_ai.usage.input_tokens': 1_061,
  'gen_ai.usage.output_tokens': 100,
  'gen_ai.usage.cache_read.input_tokens': 300,
  'gen_ai.usage.cache_write.input_tokens': 50,
  'gen_ai.usage.cache_creation.input_tokens': 50,
  'gen_ai.usage.audio.input_tokens': 11,
  'gen_ai.usage.reasoning.output_tokens': 60,
}
const responsesAttributes = {
  'gen_ai.operation.name': 'chat',
  'openai.api.type': 'responses',
  'openai.response.service_tier': 'flex',
  'gen_ai.usage.input_tokens': 2_900,
  'gen_ai.usage.output_tokens': 100,
  'gen_ai.usage.cache_read.input_tokens': 2_000,
  'gen_ai.usage.cache_write.input_tokens': 400,
  'gen_ai.usage.cache_creation.input_tokens': 400,
  'gen_ai.usage.reasoning.output_tokens': 90,
}
const messagesAttributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'anthropic.response.service_tier': 'standard',
  'gen_ai.usage.input_tokens': 5_340,
  'gen_ai.usage.output_tokens': 42,
  'gen_ai.usage.cache_read.input_tokens': 5_000,
  'gen_ai.usage.cache_write.input_tokens': 300,
  'gen_ai.usage.cache_creation.input_tokens': 300,
  'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 200,
  'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 100,
  'gen_ai.usage.reasoning.output_tokens': 12,
}

const chat = { api: 'openai.chat', meters: CHAT, expected: chatAttributes } as const
const responses = { api: 'openai.responses', meters: RESPONSES, expected: responsesAttributes } as const
const messages = { api: 'anthropic.messages', meters: MESSAGES, expected: messagesAttributes } as const

const CASES: readonly Case[] = [
  { ...chat, title: 'chat completion', call: ({ openai }) => openai.chat.completions.create(chatRequest()) },
  {
    ...chat,
    title: 'chat completion stream',
    call: async ({ openai }) => drain(await openai.chat.completions.create(chatRequest({ stream: true }))),
  },
  {
    ...chat,
    title: 'chat completion stream helper',
    call: ({ openai }) => openai.chat.completions.stream(chatRequest()).finalChatCompletion(),
  },
  {
    ...chat,
    title: 'chat completion parse helper',
    call: ({ openai }) => openai.chat.completions.parse(chatRequest()),
  },
  {
    ...responses,
    title: 'response',
    call: ({ openai }) => openai.responses.create({ model: 'gpt-6.1-sol', input: 'hello' }),
  },
  {
    ...responses,
    title: 'response stream',
    call: async ({ openai }) =>
      drain(await openai.responses.create({ model: 'gpt-6.1-sol', input: 'hello', stream: true })),
  },
  {
    ...responses,
    title: 'response stream helper',
    call: ({ openai }) => openai.responses.stream({ model: 'gpt-6.1-sol', input: 'hello' }).finalResponse(),
  },
  {
    title: 'embeddings',
    api: 'openai.embeddings',
    meters: { input: 77 },
    call: ({ openai }) => openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] }),
    expected: { 'gen_ai.operation.name': 'embeddings', 'gen_ai.usage.input_tokens': 77 },
  },
  { ...messages, title: 'message', call: ({ anthropic }) => anthropic.messages.create(messageRequest()) },
  {
    ...messages,
    title: 'message stream',
    call: async ({ anthropic }) => drain(await anthropic.messages.create(messageRequest({ stream: true }))),
  },
  {
    ...messages,
    title: 'message stream helper',
    call: ({ anthropic }) => anthropic.messages.stream(messageRequest()).finalMessage(),
  },
  { ...messages, title: 'beta message', call: ({ anthropic }) => anthropic.beta.messages.create(messageRequest()) },
]

describe('one span per call, with the counters that the provider sent', () => {
  test.each(CASES)('$title', async ({ api, meters, call, expected }) => {
    await using harness = await startHarness({ script: () => ({ meters, serviceTier: expectedTier(api) }) })
    await withAttribution(WHO, () => call(harness))
    const attributes = harness.attributes()
    expect(attributes).toMatchObject({
      ...expected,
      'outlay.usage.status': 'reported',
      'outlay.attempt': 1,
      'outlay.tenant.id': 'acme',
      'server.address': '127.0.0.1',
    })
    const model = harness.stub.requests[0]?.body as { model: string }
    expect(attributes['gen_ai.request.model']).toBe(model.model)
    expect(JSON.parse(String(attributes['outlay.usage.raw']))).toEqual({
      ...usageOf(api, meters),
      ...(api === 'anthropic.messages' ? { service_tier: 'standard' } : {}),
    })
    expect(settledMeters(harness.spans())).toEqual(meters)
    expect(attributes['outlay.leaf.id']).toMatch(/^[0-9a-f]{16}$/)
    expect(harness.spans()[0]?.instrumentationScope.name).toBe('@outlay/instrumentation')
  })
})

const expectedTier = (api: StubApi): string => (api === 'anthropic.messages' ? 'standard' : 'flex')

test('a counter that the provider did not send gets no attribute', async () => {
  await using harness = await startHarness({
    script: [{ usage: { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 } }],
  })
  await withAttribution(WHO, () => harness.openai.chat.completions.create(chatRequest()))
  const names = Object.keys(harness.attributes())
  expect(names).toContain('gen_ai.usage.input_tokens')
  expect(names.filter((name) => /cache|reasoning|audio|image/.test(name))).toEqual([])
})

test('an answer without usage is absent, not zero', async () => {
  await using harness = await startHarness({ script: [{ usage: null }] })
  await withAttribution(WHO, () => harness.openai.chat.completions.create(chatRequest()))
  const attributes = harness.attributes()
  expect(attributes['outlay.usage.status']).toBe('absent')
  expect(attributes['gen_ai.usage.input_tokens']).toBeUndefined()
  expect(attributes['outlay.usage.raw']).toBeUndefined()
})

test('the cumulative usage of message_delta replaces what came before and is never added', async () => {
  await using harness = await startHarness({
    script: [
      {
        meters: { input: 10, cache_read: 100, output: 1 },
        messageDeltas: [{ output_tokens: 20 }, { output_tokens: 35, input_tokens: 12, cache_read_input_tokens: null }],
      },
    ],
  })
  await withAttribution(WHO, () => harness.anthropic.messages.stream(messageRequest()).finalMessage())
  expect(harness.attributes()).toMatchObject({
    'gen_ai.usage.input_tokens': 112,
    'gen_ai.usage.cache_read.input_tokens': 100,
    'gen_ai.usage.output_tokens': 35,
    'outlay.usage.status': 'reported',
  })
})
