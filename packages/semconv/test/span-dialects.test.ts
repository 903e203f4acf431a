import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { type Attributes, type SettledCall, settleTrace } from '@outlay/semconv'
import { callOf, chat, span, type SpanSketch } from './span-builder.ts'

const settle = (attributes: Attributes, sketch: Omit<SpanSketch, 'id' | 'attributes'> = {}): SettledCall =>
  callOf(settleTrace([span({ id: 1, attributes, ...sketch })]), 1)

const CACHE_READ = 'gen_ai.usage.cache_read.input_tokens'

describe('JSON carriers', () => {
  const raw = (usage: object, rest: Attributes = {}): Attributes => ({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'outlay.usage.raw': JSON.stringify(usage),
    ...rest,
  })
  const anthropic = { input_tokens: 3, output_tokens: 5, cache_read_input_tokens: 7, cache_creation_input_tokens: 0 }
  const scope = '@outlay/instrumentation'

  test('our own dialect: the raw object is the truth, attributes agree with it', () => {
    const attributes = raw(anthropic, {
      'gen_ai.usage.input_tokens': 10n,
      'gen_ai.usage.output_tokens': 5n,
      [CACHE_READ]: 7n,
      'gen_ai.usage.cache_write.input_tokens': 0n,
      'gen_ai.usage.cache_creation.input_tokens': 0n,
      'outlay.usage.status': 'reported',
    })
    expect(settle(attributes, { scope })).toMatchObject({
      ruleId: 'outlay@1',
      inclusion: 'raw',
      usageStatus: 'reported',
      meters: { input: 3, cache_read: 7, output: 5 },
      flags: [],
    })
  })

  test('attributes that disagree are flagged, and the raw object wins', () => {
    const call = settle(raw(anthropic, { 'gen_ai.usage.input_tokens': 11n }), { scope })
    expect(call).toMatchObject({ meters: { input: 3, cache_read: 7, output: 5 }, flags: ['raw_mismatch'] })
  })

  test('tier, speed, region, batch and iterations come from the raw object', () => {
    const usage = {
      ...anthropic,
      service_tier: 'batch',
      speed: 'fast',
      inference_geo: 'us',
      iterations: [{ type: 'advisor_message', model: 'claude-opus-5', input_tokens: 2, output_tokens: 1 }],
    }
    const settlement = settleTrace([
      span({ id: 1, scope, attributes: raw(usage, { 'gen_ai.response.model': 'claude-sonnet-5' }) }),
    ])
    expect(callOf(settlement, 1).selectors).toMatchObject({
      serviceTier: 'batch',
      batch: true,
      speed: 'fast',
      region: 'us',
      responseModel: 'claude-sonnet-5',
    })
    const advisor = callOf(settlement, 1, 'advisor:1')
    expect(advisor).toMatchObject({ meters: { input: 2, output: 1 }, selectors: { responseModel: 'claude-opus-5' } })
  })

  test.each([
    ['truncated', '{"input_tokens": 3, "outp'],
    ['no object', '[1, 2]'],
    ['of no known shape', '{"tokens": 5}'],
    ['too large', JSON.stringify({ input_tokens: 3, padding: 'x'.repeat(limits.usageJsonBytesMax) })],
  ])('a raw object that is %s is absent and flagged; attributes are used', (_, text) => {
    const call = settle(chat(10, 5, { 'outlay.usage.raw': text }), { scope })
    expect(call).toMatchObject({ meters: { input: 10, output: 5 }, flags: ['bad_blob'] })
  })

  test('a partial raw object supplements the attributes', () => {
    const attributes = chat(100, 5, {
      'gen_ai.system': 'amazon-bedrock',
      [CACHE_READ]: 20n,
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.usage.inputTokenDetails.noCacheTokens': 50n,
      'ai.response.providerMetadata': JSON.stringify({
        bedrock: { usage: { cacheWriteInputTokens: 30, cacheDetails: [{ ttl: '1h', inputTokens: 30 }] } },
      }),
    })
    expect(settle(attributes, { scope: 'ai' })).toMatchObject({
      inclusion: 'inclusive',
      meters: { input: 50, cache_read: 20, cache_write_1h: 30, output: 5 },
    })
  })

  test('Logfire carries the raw object beside counts that fold the caches into the input', () => {
    const usage = { input_tokens: 1, output_tokens: 5, cache_read_input_tokens: 7, cache_creation_input_tokens: 0 }
    const attributes = chat(8, 5, { 'gen_ai.provider.name': 'anthropic', 'gen_ai.usage.raw': JSON.stringify(usage) })
    expect(settle(attributes, { scope: 'logfire.anthropic' })).toMatchObject({
      inclusion: 'raw',
      meters: { input: 1, cache_read: 7, output: 5 },
      flags: [],
    })
  })

  test('LangChain: writes under the TTL keys, tier prefixes, remainders that are no counters', () => {
    const metadata = {
      input_tokens: 350,
      output_tokens: 240,
      total_tokens: 590,
      input_token_details: {
        priority_cache_read: 100,
        cache_creation: 0,
        ephemeral_5m_input_tokens: 150,
        ephemeral_1h_input_tokens: 50,
        priority: 250,
      },
      output_token_details: { flex_reasoning: 200, flex: 40 },
    }
    const attributes = { 'langsmith.span.kind': 'llm', 'langsmith.usage_metadata': JSON.stringify(metadata) }
    expect(settle(attributes, { scope: 'langsmith' })).toMatchObject({
      meters: {
        input: 50,
        cache_read: 100,
        cache_write_5m: 150,
        cache_write_1h: 50,
        output: 40,
        output_reasoning: 200,
      },
      flags: [],
    })
  })

  test("LangSmith's wrapper of Anthropic's SDK spells the hour its own way", () => {
    const metadata = {
      input_tokens: 60,
      output_tokens: 5,
      total_tokens: 65,
      input_token_details: { ephemeral_5m_input_tokens: 20, ephemeral_1hr_input_tokens: 30, cache_read: 7 },
    }
    const attributes = { 'langsmith.span.kind': 'llm', 'langsmith.usage_metadata': JSON.stringify(metadata) }
    expect(settle(attributes, { scope: 'langsmith' })).toMatchObject({
      meters: { input: 3, cache_read: 7, cache_write_5m: 20, cache_write_1h: 30, output: 5 },
      flags: [],
    })
  })

  test('MLflow counters are used only where no attribute gave the input', () => {
    const json = { 'mlflow.chat.tokenUsage': '{"input_tokens":5,"output_tokens":2,"total_tokens":7}' }
    const spanType = { 'mlflow.spanType': '"CHAT_MODEL"' }
    expect(settle({ ...json, ...spanType }).meters).toEqual({ input: 5, output: 2 })
    expect(settle({ ...chat(9, 3), ...json, ...spanType }).meters).toEqual({ input: 9, output: 3 })
  })

  test("LangChain's word for the provider is known where Langfuse passes it on", () => {
    const attributes = {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.metadata.ls_provider': 'amazon_bedrock',
      'langfuse.observation.usage_details': '{"input":1,"output":1,"total":2}',
    }
    expect(settle(attributes, { scope: 'langfuse-sdk' }).selectors.provider).toBe('aws.bedrock')
  })

  const langfuse = (usage: object): SettledCall =>
    settle({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': JSON.stringify(usage),
    })

  test('Langfuse: known keys whose total proves what they mean', () => {
    expect(langfuse({ input: 10, output: 5, total: 15 }).meters).toEqual({ input: 10, output: 5 })
    // As its wrapper of OpenAI's SDK names what a response says about caches.
    expect(
      langfuse({ input: 10, output: 5, total: 22, input_cached_tokens: 4, input_cache_write_tokens: 3 }),
    ).toMatchObject({
      meters: { input: 10, cache_read: 4, cache_write_unknown: 3, output: 5 },
      usageStatus: 'reported',
    })
    expect(langfuse({ input: 10, output: 5, cache_read_input_tokens: 4, total: 19 })).toMatchObject({
      inclusion: 'exclusive',
      meters: { input: 10, cache_read: 4, output: 5 },
    })
  })

  test.each([
    ['unknown keys', { input: 10, output: 5, thinking_cached: 4, total: 19 }],
    ['caches without a total', { input: 10, output: 5, cache_read_input_tokens: 4 }],
    ['a total that proves nothing', { input: 10, output: 5, cache_read_input_tokens: 4, total: 15 }],
    ['a total that nothing explains', { input: 10, output: 5, total: 99 }],
  ])('Langfuse: %s are a conflict', (_, usage) => {
    expect(langfuse(usage)).toMatchObject({ usageStatus: 'conflict', meters: {} })
  })
})

describe('dialects without a fixture', () => {
  test('llm.request.type makes a leaf', () => {
    const { 'gen_ai.operation.name': _, ...usage } = chat(10, 5)
    expect(settle({ ...usage, 'llm.request.type': 'chat' }).billableReason).toBe('leaf')
  })

  test.each([
    'opentelemetry.util.genai.handler',
    'opentelemetry.instrumentation.genai.anthropic',
    'opentelemetry.instrumentation.google_genai',
  ])('OpenTelemetry itself, under scope %s, includes the caches: nothing is assumed', (scope) => {
    expect(settle(chat(10, 5, { [CACHE_READ]: 4n }), { scope })).toMatchObject({
      ruleId: 'otel-140@3',
      inclusion: 'inclusive',
      flags: [],
    })
  })

  test('Traceloop adds up the output of Anthropic streams: estimated', () => {
    const scope = 'opentelemetry.instrumentation.anthropic'
    expect(settle(chat(10, 5, { 'gen_ai.is_streaming': true }), { scope }).usageStatus).toBe('estimated')
    expect(settle(chat(10, 5, { 'gen_ai.is_streaming': false }), { scope }).usageStatus).toBe('reported')
  })

  test('Strands hides the provider: the Bedrock model id gives it away', () => {
    const attributes = chat(10, 5, {
      'gen_ai.system': 'strands-agents',
      'gen_ai.request.model': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'gen_ai.usage.cache_read_input_tokens': 4n,
    })
    const startNano = 1_700_000_000_000_000_000n
    expect(settle(attributes, { scope: 'strands.telemetry.tracer', startNano })).toMatchObject({
      selectors: { provider: 'aws.bedrock' },
      inclusion: 'exclusive',
      ruleId: 'strands@1',
    })
    expect(settle(attributes, { scope: 'strands.telemetry.tracer' })).toMatchObject({
      inclusion: 'inclusive',
      ruleId: 'strands@2',
    })
  })

  test('Claude Code writes bare names, which mean nothing elsewhere', () => {
    const attributes = { input_tokens: 3n, output_tokens: 5n, cache_read_tokens: 7n, model: 'claude-opus-5' }
    expect(settle(attributes, { name: 'claude_code.llm_request' })).toMatchObject({
      meters: { input: 3, cache_read: 7, output: 5 },
      selectors: { requestModel: 'claude-opus-5' },
      billableReason: 'leaf',
    })
    expect(settleTrace([span({ id: 1, attributes })]).calls).toEqual([])
  })

  test('Mistral OCR pages are a meter of their own', () => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'mistral_ai.ocr.usage.pages_processed': 12n }
    expect(settle(attributes, { scope: 'mistralai_sdk_tracer' })).toMatchObject({
      usageStatus: 'reported',
      meters: { page: 12 },
    })
  })

  test('a compaction beside the main usage is a second row without a known split', () => {
    const settlement = settleTrace([
      span({
        id: 1,
        scope: 'com.anthropic.sdk.typescript',
        attributes: chat(10, 5, {
          'anthropic.usage.compaction.input_tokens': 90n,
          'anthropic.usage.compaction.output_tokens': 9n,
        }),
      }),
    ])
    expect(callOf(settlement, 1).meters).toEqual({ input: 10, output: 5 })
    expect(callOf(settlement, 1, 'compaction')).toMatchObject({
      meters: { input: 90, output: 9 },
      cacheSplit: 'unknown',
    })
  })

  test('LangSmith retriever says embeddings: the span kind wins', () => {
    const attributes = { ...chat(10, 5), 'gen_ai.operation.name': 'embeddings', 'langsmith.span.kind': 'retriever' }
    expect(settleTrace([span({ id: 1, scope: 'langsmith', attributes })]).calls).toEqual([])
  })

  test('the second word of operation.name is a feature, the first an operation', () => {
    const attributes = {
      'operation.name': 'ai.generateText.doGenerate support-bot',
      'ai.usage.inputTokens': 1n,
      'ai.usage.outputTokens': 1n,
    }
    expect(settle(attributes, { scope: 'ai' })).toMatchObject({
      billableReason: 'leaf',
      attribution: { feature: 'support-bot' },
    })
  })
})

describe('claimed cost', () => {
  test.each([
    [0.002225, '0.002225'],
    [1.5e-7, '0.00000015'],
    ['0.10', '0.10'],
    [3n, '3'],
  ])('%s is evidence in plain decimals', (value, usd) => {
    expect(settle(chat(1, 1, { 'operation.cost': value }))).toMatchObject({
      reportedCostUsd: usd,
      reportedCostSource: 'operation.cost',
    })
  })

  test.each([[-1], [Number.NaN], [true], ['free']])('%s is no cost', (value) => {
    expect(settle(chat(1, 1, { 'operation.cost': value })).reportedCostUsd).toBe('')
  })
})
