import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { askPrice, type PriceQuestion, priceUsage, type UsageQuestion } from '#src/index.ts'
import { seedBook } from './books.ts'

const book = seedBook()
const AT = Date.parse('2026-06-01T00:00:00Z')

const ask = (question: Partial<PriceQuestion>): UsageQuestion =>
  askPrice(
    { provider: 'anthropic', model: 'claude-sonnet-4-6', atMs: AT, usage: { input: 10, output: 1 }, ...question },
    book,
  )

const statusOf = (question: Partial<PriceQuestion>): string => priceUsage(book, ask(question)).status

describe('the first state that applies is the status', () => {
  test('a negative meter is invalid even where the model is unknown', () => {
    expect(statusOf({ model: 'nobody', usage: { input: -1 } })).toBe('invalid_usage')
  })

  test('a ledger conflict is invalid whatever the counters say', () => {
    expect(priceUsage(book, { ...ask({}), usageStatus: 'conflict' }).status).toBe('invalid_usage')
  })

  test('a quantity above the limit or a fraction is invalid, the limit itself is not', () => {
    expect(statusOf({ usage: { input: limits.meterQuantityMax + 1 } })).toBe('invalid_usage')
    expect(statusOf({ usage: { input: 0.5 } })).toBe('invalid_usage')
    expect(statusOf({ usage: { input: limits.meterQuantityMax } })).toBe('priced')
  })

  test('absent counters are no usage, not a zero', () => {
    expect(statusOf({ usage: {} })).toBe('no_usage')
    expect(priceUsage(book, { ...ask({}), usageStatus: 'absent' }).costFemto).toBeUndefined()
  })

  test('a denied request has counters and all are zero: a true zero for any model', () => {
    const denied = priceUsage(book, { ...ask({ model: 'nobody', usage: {} }), usageStatus: 'reported' })
    expect(denied).toMatchObject({ status: 'priced', costFemto: 0n, missing: [] })
  })

  test('an unknown biller, model or region is unpriced_model, and the reason says which', () => {
    const reasonOf = (question: Partial<PriceQuestion>) => priceUsage(book, ask(question)).resolved
    expect(reasonOf({ provider: 'nobody' })).toMatchObject({
      state: 'unpriced_model',
      reason: expect.stringMatching(/^biller:/),
    })
    expect(reasonOf({ model: 'claude-sonnet-5-7' })).toMatchObject({
      state: 'unpriced_model',
      reason: expect.stringMatching(/^model:/),
    })
    expect(reasonOf({ region: 'mars' })).toMatchObject({
      state: 'unpriced_model',
      reason: expect.stringMatching(/^region:/),
    })
  })

  test('an unknown tier, and a tier without a sheet, are unpriced_tier', () => {
    expect(statusOf({ tier: 'platinum' })).toBe('unpriced_tier')
    expect(statusOf({ tier: 'fast' })).toBe('unpriced_tier')
    expect(statusOf({ provider: 'openai', model: 'gpt-5.4', region: 'us', tier: 'priority' })).toBe('unpriced_tier')
  })

  test('a time before the first and after the last window is unpriced_time', () => {
    expect(statusOf({ atMs: Date.parse('2026-02-16T23:59:59Z') })).toBe('unpriced_time')
    expect(statusOf({ atMs: Date.parse('2026-02-17T00:00:00Z') })).toBe('priced')
    const beyondHorizon = { provider: 'deepseek', model: 'deepseek-flash', atMs: Date.parse('2027-01-01T00:00:00Z') }
    expect(statusOf({ ...beyondHorizon, atMs: beyondHorizon.atMs - 1 })).toBe('priced')
    expect(statusOf(beyondHorizon)).toBe('unpriced_time')
  })

  test('no used meter with a price is unpriced_meter, some are partial', () => {
    expect(statusOf({ usage: { image: 1 } })).toBe('unpriced_meter')
    expect(statusOf({ usage: { image: 1, input: 1 } })).toBe('partial')
  })

  test('a priority request above 272,000 tokens has searches priced and tokens not', () => {
    const usage = { input: 272_001, web_search: 1 }
    const answer = priceUsage(book, ask({ provider: 'openai', model: 'gpt-5.5', tier: 'priority', usage }))
    expect(answer).toMatchObject({ status: 'partial', missing: ['input'] })
    expect(answer.costFemto).toBeUndefined()
  })
})

test('cache writes of an unknown time to live are priced only where the sheet lists a single one', () => {
  const usage = { cache_write_unknown: 1_000_000 }
  const single = { provider: 'openai', model: 'gpt-6.1-sol', usage, atMs: Date.parse('2026-10-15T00:00:00Z') }
  expect(priceUsage(book, ask(single)).lines[0]?.price).toBe('5')
  const several = { provider: 'openai', model: 'gpt-6.2-sol', usage, atMs: Date.parse('2026-11-18T00:00:00Z') }
  expect(priceUsage(book, ask(several)).status).toBe('unpriced_meter')
  const haiku = { model: 'claude-3-haiku-20240307', usage }
  expect(statusOf({ ...haiku, atMs: Date.parse('2025-05-21T23:59:59Z') })).toBe('priced')
  expect(statusOf({ ...haiku, atMs: Date.parse('2025-05-22T00:00:00Z') })).toBe('unpriced_meter')
})

test.each([
  ['claude-haiku-5-5', 'anthropic', 100_000, '0.1', '0.5', '2026-10-20T00:00:00Z'],
  ['gpt-5.4', 'openai', 272_000, '2.5', '5', '2026-10-15T00:00:00Z'],
  ['gemini-2.5-pro', 'google', 200_000, '1.25', '2.5', '2026-06-01T00:00:00Z'],
  ['grok-4.6', 'xai', 199_999, '2', '4', '2026-09-20T00:00:00Z'],
])('%s moves to the long rate strictly above its threshold', (model, provider, threshold, short, long, day) => {
  const inputPriceOf = (input: number) => {
    const usage = { input: input - 10, cache_read: 10 }
    return priceUsage(book, ask({ provider, model, usage, atMs: Date.parse(day) })).lines[0]?.price
  }
  expect(inputPriceOf(threshold - 1)).toBe(short)
  expect(inputPriceOf(threshold)).toBe(short)
  expect(inputPriceOf(threshold + 1)).toBe(long)
})
