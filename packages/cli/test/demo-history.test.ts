import { describe, expect, test } from 'vitest'
import { historyCalls } from '../src/demo/history-calls.ts'
import { otlpRequestOf } from '../src/demo/history-otlp.ts'

const DAY_MS = 86_400_000
const startMs = Date.UTC(2026, 9, 1)
const window = (fromDay: number, toDay: number) => ({
  startMs,
  fromMs: startMs + fromDay * DAY_MS,
  toMs: startMs + toDay * DAY_MS,
})
const idsOf = (fromDay: number, toDay: number): readonly string[] =>
  [...historyCalls(window(fromDay, toDay))].flat().map(({ spanId }) => spanId)

describe('the sample history', () => {
  test('is the same whenever it is made, so that loading it again counts nothing twice', () => {
    expect(idsOf(0, 10)).toEqual(idsOf(0, 10))
    expect(new Set(idsOf(0, 30)).size).toBe(idsOf(0, 30).length)
  })

  test('made in two pieces has the calls of both days, whatever was loaded before', () => {
    const later = new Set(idsOf(5, 8))
    const whole = [...historyCalls(window(0, 8))].flat().filter(({ startMs: at }) => at >= startMs + 5 * DAY_MS)
    // Odd calls of recent days depend on where the window ends, which is the same for both.
    expect(new Set(whole.map(({ spanId }) => spanId))).toEqual(later)
  })

  test('contains what real bills contain: denied, degraded, metered, shared, unpriced and unattributed calls', () => {
    const calls = [...historyCalls(window(0, 31))].flat()
    const actions = new Set(calls.map(({ overage }) => overage?.action ?? 'none'))
    expect(actions).toEqual(new Set(['none', 'denied', 'degraded', 'metered']))
    expect(calls.some(({ tenant, user }) => tenant !== undefined && user === undefined)).toBe(true)
    expect(calls.some(({ model }) => model.model === 'lab-preview-7')).toBe(true)
    expect(calls.some(({ tenant }) => tenant === undefined)).toBe(true)
  })

  test('names no user in the clear', () => {
    const [first = []] = [...historyCalls(window(0, 2))]
    expect(JSON.stringify(otlpRequestOf(first))).not.toMatch(/-user-\d/)
  })
})
