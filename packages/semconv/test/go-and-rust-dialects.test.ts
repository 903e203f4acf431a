/** Shapes that real emitters of Go and Rust wrote in `test/emitters-go` and `test/emitters-rust`, with other numbers. */
import { type Attributes, classifyAttributeKey, settleTrace } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { billed, callOf, chat, listed, span, type SpanSketch } from './span-builder.ts'

const settle = (sketch: Omit<SpanSketch, 'id'>) => callOf(settleTrace([span({ id: 1, ...sketch })]), 1)

describe('Genkit', () => {
  const scope = 'genkit-tracer'
  const output = (usage: object, custom?: object): string => JSON.stringify({ usage, custom })
  const action = (name: string, subtype: string, result = '{}'): Attributes => ({
    'genkit:type': subtype === 'util' ? 'util' : 'action',
    'genkit:name': name,
    'genkit:metadata:subtype': subtype,
    'genkit:output': result,
  })
  const first = output({ inputTokens: 60, outputTokens: 6, totalTokens: 66 })
  const last = output({ inputTokens: 70, outputTokens: 7, totalTokens: 77 })
  const openai = (result: string): Attributes => action('openai/gpt-5', 'model', result)

  test('a loop around a tool: each call of the model, and none of the steps that repeat the last answer', () => {
    const settlement = settleTrace([
      span({ id: 1, scope, attributes: action('generate', 'util', last) }),
      span({ id: 2, parent: 1, scope, attributes: openai(first) }),
      span({ id: 3, parent: 1, scope, attributes: action('weather', 'tool.v2') }),
      span({ id: 4, parent: 1, scope, attributes: action('generate', 'util', last) }),
      span({ id: 5, parent: 4, scope, attributes: openai(last) }),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf', 5: 'leaf' })
    expect(listed(settlement)).toEqual({ 1: 'covered', 3: 'not_billable', 4: 'covered' })
  })

  test('the name of a model says provider and model, in the spelling of its plugin', () => {
    expect(settle({ scope, attributes: openai(first) })).toMatchObject({
      ruleId: 'genkit@1',
      meters: { input: 60, output: 6 },
      selectors: { provider: 'openai', requestModel: 'gpt-5' },
      flags: [],
    })
    const nested = action('googleai/tunedModels/mine', 'model', first)
    expect(settle({ scope, attributes: nested }).selectors).toMatchObject({
      provider: 'gcp.gemini',
      requestModel: 'tunedModels/mine',
    })
  })

  test("Gemini's own usage beats the counts beside it, which know neither the prompt of tools nor audio", () => {
    const usage = { inputTokens: 40, outputTokens: 5, thoughtsTokens: 9, totalTokens: 84 }
    const usageMetadata = {
      promptTokenCount: 40,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 25 },
        { modality: 'AUDIO', tokenCount: 15 },
      ],
      toolUsePromptTokenCount: 30,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 9,
      totalTokenCount: 84,
    }
    const attributes = action('googleai/gemini-2.5-flash', 'model', output(usage, { usageMetadata }))
    expect(settle({ scope, attributes })).toMatchObject({
      inclusion: 'raw',
      meters: { input: 55, input_audio: 15, output: 5, output_reasoning: 9 },
      flags: [],
    })
  })

  test('a call that failed, and an embedding, whose answer holds no usage, are listed', () => {
    for (const subtype of ['model', 'embedder']) {
      expect(settle({ scope, attributes: action('openai/x', subtype) })).toMatchObject({ usageStatus: 'absent' })
    }
  })

  test('what was asked is content', () => {
    expect(classifyAttributeKey('genkit:input')).toBe('carrier')
    expect(classifyAttributeKey('genkit:output')).toBe('json_usage_carrier')
  })
})

describe("Rust's tracing: the scope is what the app calls its tracer, the target names the emitter", () => {
  const CACHE_READ = 'gen_ai.usage.cache_read.input_tokens'
  const cached = (target: string, provider: string, rest: Attributes = {}): Attributes =>
    chat(10, 5, { [CACHE_READ]: '4', 'gen_ai.provider.name': provider, target, ...rest })

  test.each(['my-app', 'rig'])('Rig before 0.43 passes the counts of providers through, with tracer %s', (scope) => {
    const of = (provider: string) => settle({ scope, attributes: cached('rig::completions', provider) })
    expect(of('anthropic')).toMatchObject({ ruleId: 'rig@2', inclusion: 'exclusive', inputTotal: 14, flags: [] })
    expect(of('openai')).toMatchObject({ ruleId: 'rig@2', inclusion: 'inclusive', inputTotal: 10, flags: [] })
  })

  test.each(['my-app', 'rig'])('Rig since 0.43 counts caches as input, with tracer %s', (scope) => {
    const attributes = cached('rig::agent_chat', 'anthropic', { 'rig.provider_request_id': 'req_1' })
    expect(settle({ scope, attributes })).toMatchObject({ ruleId: 'rig@2', inclusion: 'inclusive', flags: [] })
  })

  test('genai counts caches as input', () => {
    expect(settle({ attributes: cached('genai::otel::span', 'anthropic') })).toMatchObject({
      ruleId: 'rust-genai@1',
      inclusion: 'inclusive',
      inputTotal: 10,
      flags: [],
    })
  })

  describe('ADK-Rust', () => {
    const name = 'gen_ai.generate'
    const generate = (usage: Record<string, bigint>): Attributes => ({
      target: 'adk_telemetry::spans',
      'gen_ai.system': 'openai-responses',
      'gen_ai.request.model': 'gpt-5',
      ...Object.fromEntries(Object.entries(usage).map(([key, count]) => [`gen_ai.usage.${key}`, count])),
    })

    test('caches, reasoning and audio under names of its own', () => {
      const attributes = generate({
        input_tokens: 100n,
        output_tokens: 50n,
        total_tokens: 150n,
        cache_read_tokens: 30n,
        cache_creation_tokens: 20n,
        thinking_tokens: 40n,
        audio_input_tokens: 7n,
        audio_output_tokens: 3n,
      })
      expect(settle({ name, attributes })).toMatchObject({
        ruleId: 'adk-rust@1',
        selectors: { provider: 'openai', requestModel: 'gpt-5' },
        inputTotal: 100,
        outputTotal: 50,
        meters: {
          input: 43,
          input_audio: 7,
          cache_read: 30,
          cache_write_unknown: 20,
          output: 7,
          output_audio: 3,
          output_reasoning: 40,
        },
      })
    })

    test('a call that failed is listed, and a run of a tool is one', () => {
      expect(settle({ name, attributes: generate({}) })).toMatchObject({ usageStatus: 'absent' })
      const tool = {
        name: 'execute_tool weather',
        attributes: { target: 'adk_agent::llm_agent', 'tool.name': 'weather' },
      }
      expect(settleTrace([span({ id: 1, ...tool })]).calls).toEqual([])
    })

    test('the id of its user is hashed before it is stored', () => {
      expect(classifyAttributeKey('adk.user_id')).toBe('user_id')
    })
  })
})
