import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { type Attributes, type SettledCall, settleTrace } from '@outlay/semconv'
import { callOf, chat, span, type SpanSketch } from './span-builder.ts'

const settle = (attributes: Attributes, sketch: Omit<SpanSketch, 'id' | 'attributes'> = {}): SettledCall =>
  callOf(settleTrace([span({ id: 1, attributes, ...sketch })]), 1)

const CACHE_READ = 'gen_ai.usage.cache_read.input_tokens'
const TOTAL = 'gen_ai.usage.total_tokens'
const REASONING = 'gen_ai.usage.reasoning.output_tokens'

/** A scope whose rule says that input does not contain caches. */
const EXCLUSIVE = 'opentelemetry.instrumentation.bedrock'

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
      ruleId: 'otel-140@3',
    })
  })

  test('the table decides for a listed scope', () => {
    const attributes = chat(10, 5, { [CACHE_READ]: 4n })
    expect(settle(attributes, { scope: EXCLUSIVE })).toMatchObject({
      inclusion: 'exclusive',
      inputTotal: 14,
      flags: [],
    })
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
    expect(settle(attributes, { scope: EXCLUSIVE })).toMatchObject({ inclusion: 'exclusive', inputTotal: 13 })
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
