import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { type Attributes, type SettledCall, settleTrace } from '@outlay/semconv'
import { callOf, chat, span, type SpanSketch } from './span-builder.ts'

const settle = (attributes: Attributes, sketch: Omit<SpanSketch, 'id' | 'attributes'> = {}): SettledCall =>
  callOf(settleTrace([span({ id: 1, attributes, ...sketch })]), 1)

const CACHE_READ = 'gen_ai.usage.cache_read.input_tokens'
const TOTAL = 'gen_ai.usage.total_tokens'
const REASONING = 'gen_ai.usage.reasoning.output_tokens'

describe('numbers', () => {
  test.each([
    ['bigint', 42n],
    ['number', 42],
    ['text', '42'],
    ['text with spaces', ' 42 '],
  ])('a count may arrive as %s', (_, value) => {
    expect(settle({ ...chat(0, 1), 'gen_ai.usage.input_tokens': value }).meters).toEqual({ input: 42, output: 1 })
  })

  test.each([
    ['negative', -1n],
    ['a fraction', 1.5],
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['boolean', true],
    ['above 2⁵³−1', 2n ** 53n],
    ['hexadecimal', '0x10'],
    ['empty', ''],
  ])('a count that is %s is absent and flagged', (_, value) => {
    const call = settle({ ...chat(0, 1), 'gen_ai.usage.input_tokens': value })
    expect(call).toMatchObject({ usageStatus: 'partial', meters: { output: 1 }, flags: ['bad_number'] })
  })

  test('a bad alias gives way to the next one', () => {
    const call = settle({ ...chat(0, 1), 'gen_ai.usage.input_tokens': 'many', 'gen_ai.usage.prompt_tokens': 7n })
    expect(call).toMatchObject({ meters: { input: 7, output: 1 }, flags: ['bad_number'] })
  })

  test('the largest quantity is billed, one more is a conflict', () => {
    expect(settle(chat(limits.meterQuantityMax, 1)).meters.input).toBe(limits.meterQuantityMax)
    const call = settle(chat(limits.meterQuantityMax + 1, 1))
    expect(call).toMatchObject({ usageStatus: 'conflict', meters: {}, inputTotal: limits.meterQuantityMax + 1 })
    expect(call.flags).toContain('conflict')
  })

  test('an alias of the same value changes nothing, whatever the order of attributes', () => {
    const plain = settle(chat(10, 5))
    const doubled = { 'gen_ai.usage.prompt_tokens': 10n, 'llm.usage.completion_tokens': 5n, ...chat(10, 5) }
    expect(settle(doubled)).toMatchObject({ meters: plain.meters, flags: plain.flags })
  })

  test('of two aliases that differ the first in the chain wins, in either order of attributes', () => {
    const flat = { 'gen_ai.usage.cache_read_input_tokens': 4n }
    const dotted = { [CACHE_READ]: 3n }
    for (const attributes of [
      { ...flat, ...dotted },
      { ...dotted, ...flat },
    ]) {
      const call = settle(chat(10, 5, attributes), { scope: 'litellm' })
      expect(call).toMatchObject({ meters: { input: 7, cache_read: 3, output: 5 }, flags: ['alias_conflict'] })
    }
  })
})

describe('status', () => {
  test('one side missing is partial', () => {
    const { 'gen_ai.usage.output_tokens': _, ...inputOnly } = chat(10, 5)
    expect(settle(inputOnly).usageStatus).toBe('partial')
  })

  test.each(['embeddings', 'rerank'])('%s need no output', (operation) => {
    const attributes = { 'gen_ai.operation.name': operation, 'gen_ai.usage.input_tokens': 10n }
    expect(settle(attributes).usageStatus).toBe('reported')
  })

  test('the sender may say partial or estimated', () => {
    expect(settle(chat(1, 1, { 'outlay.usage.status': 'partial' })).usageStatus).toBe('partial')
    expect(settle(chat(1, 1, { 'outlay.usage.status': 'estimated' })).usageStatus).toBe('estimated')
  })

  test('numbers beside the status absent are not thrown away', () => {
    expect(settle(chat(1, 1, { 'outlay.usage.status': 'absent' }))).toMatchObject({
      usageStatus: 'reported',
      meters: { input: 1, output: 1 },
    })
  })

  test('zero is a report, absence is not', () => {
    expect(settle(chat(0, 0))).toMatchObject({ usageStatus: 'reported', meters: {} })
    expect(settle({ 'gen_ai.operation.name': 'chat' }).usageStatus).toBe('absent')
  })
})

describe('inclusion', () => {
  test('no cache attribute at all: the split is unknown; a reported zero is known', () => {
    expect(settle(chat(10, 5))).toMatchObject({ inclusion: 'n/a', cacheSplit: 'unknown' })
    expect(settle(chat(10, 5, { [CACHE_READ]: 0n }))).toMatchObject({ inclusion: 'n/a', cacheSplit: 'reported' })
  })

  test('a zero that is only a default proves nothing', () => {
    const scope = 'opentelemetry.instrumentation.openai.v1'
    expect(settle(chat(10, 5, { [CACHE_READ]: 0n }), { scope }).cacheSplit).toBe('unknown')
  })

  test('an unlisted scope is taken as inclusive, and the row says so', () => {
    expect(settle(chat(10, 5, { [CACHE_READ]: 4n }))).toMatchObject({
      inclusion: 'inclusive',
      flags: ['assumed'],
      ruleId: 'otel-140@1',
    })
  })

  test('the table decides for a listed scope', () => {
    const attributes = chat(10, 5, { [CACHE_READ]: 4n })
    expect(settle(attributes, { scope: 'rig' })).toMatchObject({ inclusion: 'exclusive', inputTotal: 14, flags: [] })
    expect(settle(attributes, { scope: 'sentry' })).toMatchObject({ inclusion: 'inclusive', inputTotal: 10, flags: [] })
  })

  test('numbers that contradict the table win, and the row says so', () => {
    const attributes = chat(10, 5, { [CACHE_READ]: 11n })
    expect(settle(attributes, { scope: 'sentry' })).toMatchObject({
      inclusion: 'exclusive',
      meters: { input: 10, cache_read: 11, output: 5 },
      flags: ['rule_contradicted'],
    })
  })

  test('a total that fits both readings decides nothing', () => {
    const attributes = chat(10, 5, { [CACHE_READ]: 3n, [REASONING]: 3n, [TOTAL]: 18n })
    expect(settle(attributes, { scope: 'rig' })).toMatchObject({ inclusion: 'exclusive', inputTotal: 13 })
    expect(settle(attributes, { scope: 'sentry' })).toMatchObject({
      inclusion: 'inclusive',
      inputTotal: 10,
      outputTotal: 8,
    })
  })

  test('a rule by provider: Anthropic and Bedrock exclude, others include', () => {
    const scope = 'ai'
    const attributes = chat(10, 5, { [CACHE_READ]: 4n, 'ai.operationId': 'ai.generateText.doGenerate' })
    const by = (provider: string): SettledCall => settle({ ...attributes, 'gen_ai.system': provider }, { scope })
    expect(by('anthropic.messages')).toMatchObject({ inclusion: 'exclusive', flags: ['assumed'] })
    expect(by('amazon-bedrock')).toMatchObject({ inclusion: 'exclusive' })
    expect(by('openai.responses')).toMatchObject({ inclusion: 'inclusive', ruleId: 'ai-4-5@1' })
  })

  test('AI SDK 6: the explicit uncached count decides', () => {
    const attributes = {
      'ai.operationId': 'ai.generateText.doGenerate',
      'gen_ai.system': 'anthropic.messages',
      'ai.usage.inputTokens': 100n,
      'ai.usage.outputTokens': 10n,
      'ai.usage.inputTokenDetails.noCacheTokens': 30n,
      'ai.usage.inputTokenDetails.cacheReadTokens': 50n,
      'ai.usage.inputTokenDetails.cacheWriteTokens': 20n,
    }
    expect(settle(attributes, { scope: 'ai' })).toMatchObject({
      ruleId: 'ai-6@1',
      inclusion: 'inclusive',
      meters: { input: 30, cache_read: 50, cache_write_unknown: 20, output: 10 },
      flags: ['cache_ttl_unknown'],
    })
    const broken = { ...attributes, 'ai.usage.inputTokenDetails.noCacheTokens': 31n }
    expect(settle(broken, { scope: 'ai' }).usageStatus).toBe('conflict')
  })

  test('a negative remainder is a conflict with the reported totals beside it', () => {
    const call = settle(chat(10, 5, { 'gen_ai.usage.audio.input_tokens': 12n }))
    expect(call).toMatchObject({ usageStatus: 'conflict', meters: {}, inputTotal: 10, outputTotal: 5 })
  })
})

describe('reasoning', () => {
  test('more reasoning than output lies outside', () => {
    expect(settle(chat(10, 5, { [REASONING]: 8n }))).toMatchObject({
      meters: { input: 10, output: 5, output_reasoning: 8 },
      flags: ['reasoning_over_output'],
    })
  })

  test('the total may prove that reasoning was added', () => {
    expect(settle(chat(10, 5, { [REASONING]: 3n, [TOTAL]: 18n }))).toMatchObject({
      outputTotal: 8,
      flags: ['reasoning_added'],
    })
  })

  test('without proof reasoning lies inside', () => {
    expect(settle(chat(10, 5, { [REASONING]: 3n }))).toMatchObject({ meters: { output: 2, output_reasoning: 3 } })
  })

  test('a total that nothing explains is flagged', () => {
    expect(settle(chat(10, 5, { [TOTAL]: 99n })).flags).toEqual(['total_mismatch'])
  })
})

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

  test('MLflow counters are used only where no attribute gave the input', () => {
    const json = { 'mlflow.chat.tokenUsage': '{"input_tokens":5,"output_tokens":2,"total_tokens":7}' }
    const spanType = { 'mlflow.spanType': '"CHAT_MODEL"' }
    expect(settle({ ...json, ...spanType }).meters).toEqual({ input: 5, output: 2 })
    expect(settle({ ...chat(9, 3), ...json, ...spanType }).meters).toEqual({ input: 9, output: 3 })
  })

  const langfuse = (usage: object): SettledCall =>
    settle({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': JSON.stringify(usage),
    })

  test('Langfuse: known keys whose total proves what they mean', () => {
    expect(langfuse({ input: 10, output: 5, total: 15 }).meters).toEqual({ input: 10, output: 5 })
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
