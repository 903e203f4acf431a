/** The oracle's own parts on figures that a person can check. */
import { describe, expect, test } from 'vitest'
import { compareRows } from './compare-rows.ts'
import { dearestPart, medianOf, percentileOf, usdOf, usdPer } from './model/money.ts'
import { verdictOf } from './model/verdicts.ts'
import { monthBefore, monthOf, monthsOf } from './model/windows.ts'
import { answerBreaks } from './views/feature-answer.ts'

const at = (iso: string): number => Date.parse(iso) / 1_000

describe('percentiles', () => {
  test('are the value at position floor(level × n), whatever the order', () => {
    expect([1, 2, 3].map((n) => medianOf([30, 10, 20].slice(0, n)))).toEqual([30, 30, 20])
    expect(percentileOf([1n, 2n, 3n, 4n], 0.95)).toBe(4n)
    expect(percentileOf([], 0.5)).toBeNull()
  })

  test('the dearest 5 % of 1, 20 and 21 are 1, 1 and 2 of them', () => {
    const costs = (count: number): bigint[] => Array.from({ length: count }, (_, index) => BigInt(index + 1))
    expect([1, 20, 21].map((count) => dearestPart(costs(count), 5))).toEqual([1n, 20n, 41n])
  })
})

describe('money', () => {
  test('rounds ninths once and to the nearest, quotients down', () => {
    expect([4n, 5n, 13n, 14n].map(usdOf)).toEqual([0n, 1n, 1n, 2n])
    expect(usdPer(53n, 2)).toBe(2n)
    expect(usdPer(53n, 0)).toBeNull()
  })
})

describe('months', () => {
  test('the first moment of a month asks about the whole month before', () => {
    expect(monthOf(at('2026-11-01T00:00:00Z'))).toMatchObject({ from: at('2026-10-01'), passed: 1 })
    expect(monthOf(at('2026-11-16T00:00:00Z'))).toMatchObject({ from: at('2026-11-01'), passed: 0.5 })
    expect(monthBefore(at('2026-11-01T00:00:00Z')).from).toBe(at('2026-09-01'))
  })

  test('a window touches the months that it reaches into', () => {
    const months = monthsOf({ from: at('2026-09-30T23:30:00Z'), to: at('2026-11-01T00:00:00Z') })
    expect(months.map(({ from, to }) => [from, to])).toEqual([
      [at('2026-09-01'), at('2026-10-01')],
      [at('2026-10-01'), at('2026-11-01')],
    ])
  })
})

describe('verdicts', () => {
  test('are those of the last edge reached, and both where a float cannot tell', () => {
    expect(verdictOf(null, 'cache')).toBe('none')
    expect(verdictOf(0.39, 'cache')).toBe('act')
    expect(verdictOf(0.75, 'cache')).toBe('ok')
    expect(verdictOf(0.7, 'cache').split('|').toSorted()).toEqual(['ok', 'watch'])
  })
})

describe('a comparison', () => {
  const row = { bucket: 'no cap', tier: 'pro', subjects: '3' }
  test('finds a wrong figure, a missing row, a row too many and a missing column', () => {
    const compare = (...got: Parameters<typeof compareRows>[1]) =>
      compareRows('kpi_tier_histogram', got, [{ ...row, subjects: 3 }]).map(({ column }) => column)
    expect(compare(row)).toEqual([])
    expect(compare({ ...row, subjects: '4' })).toEqual(['subjects'])
    expect(compare()).toEqual(['row'])
    expect(compare(row, { ...row, tier: 'free' })).toEqual(['row'])
    expect(compare({ bucket: 'no cap', tier: 'pro' })).toContain('columns')
  })

  test('takes NULL for NULL only, and money to the femto-dollar', () => {
    const money = (got: string | null, want: bigint | null) =>
      compareRows('kpi_tool_share', [{ tool: 't', cost_usd: got }], [{ tool: 't', cost_usd: want }]).filter(
        ({ column }) => column === 'cost_usd',
      ).length
    expect([money(null, null), money('0', null), money(null, 0n)]).toEqual([0, 1, 1])
    expect([money('0.000000000000001', 1n), money('0.000000000000002', 1n)]).toEqual([0, 1])
  })
})

describe('an answer', () => {
  const frame = { cost_per_task_now: 5n, cost_per_task_then: 2n } as Parameters<typeof answerBreaks>[1]
  const drivers = ['price', 'model mix', 'tokens per call', 'calls per task', 'cache hit rate']
  const split = (effects: readonly bigint[]) =>
    effects.map((effect_usd, place) => ({
      driver: drivers[place] ?? '',
      effect_usd,
      share_of_change: Number(effect_usd) / 3,
      rank: place + 1,
    }))
  test('adds up to the change in the order of its effects, or says what breaks', () => {
    expect(answerBreaks(split([4n, -2n, 1n, 0n, 0n]), frame)).toEqual([])
    expect(answerBreaks(split([4n, -2n, 2n, 0n, 0n]), frame)).toEqual(['effects add up to 4, the change is 3'])
    expect(answerBreaks(split([1n, 2n, 0n, 0n, 0n]), frame)).toEqual([
      'an effect is larger than the one ranked before it',
    ])
  })
})
