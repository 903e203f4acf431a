import { describe, expect, test } from 'vitest'
import { BACKEND_MACROS, expandMacros, type MacroContext } from '../src/macros.ts'

const context: MacroContext = {
  fromMs: Date.parse('2014-11-12T11:45:26.371Z'),
  toMs: Date.parse('2015-11-12T11:45:26.456Z'),
  intervalMs: 20_000,
  table: 'calls',
  column: 'time',
}
const expand = (sql: string): string => expandMacros(sql, context)

// What each macro of the plugin's documentation becomes.
const GOLDEN: readonly (readonly [string, string])[] = [
  ['$__fromTime', 'toDateTime(1415792726)'],
  ['$__toTime', 'toDateTime(1447328726)'],
  ['$__fromTime_ms', 'fromUnixTimestamp64Milli(1415792726371)'],
  ['$__toTime_ms', 'fromUnixTimestamp64Milli(1447328726456)'],
  ['$__timeFilter(t)', 't >= toDateTime(1415792726) AND t <= toDateTime(1447328726)'],
  [
    '$__timeFilter_ms(t)',
    't >= fromUnixTimestamp64Milli(1415792726371) AND t <= fromUnixTimestamp64Milli(1447328726456)',
  ],
  ['$__dateFilter(d)', "d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')"],
  [
    '$__dateTimeFilter(d, t)',
    "(d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')) AND (t >= toDateTime(1415792726) AND t <= toDateTime(1447328726))",
  ],
  ['$__timeInterval(t)', 'toStartOfInterval(toDateTime(t), INTERVAL 20 second)'],
  ['$__timeInterval_ms(t)', 'toStartOfInterval(toDateTime64(t, 3), INTERVAL 20000 millisecond)'],
  ['$__interval_s', '20'],
  ['$__timeFrom(t)', 't >= toDateTime(1415792726)'],
  ['$__timeTo(t)', 't <= toDateTime(1447328726)'],
  ['$__timeGroup(t, 5m)', 'toStartOfInterval(toDateTime(t), INTERVAL 300 second)'],
  ["$__timeGroup(t, '1h30m')", 'toStartOfInterval(toDateTime(t), INTERVAL 5400 second)'],
  ['$__interval', '20s'],
  ['$__interval_ms', '20000'],
  ['$__table', 'calls'],
  ['$__column', 'time'],
]

describe('backend macros', () => {
  test.each(GOLDEN)('%s expands to its documented text', (macro, expected) => {
    expect(expand(`SELECT ${macro} FROM x`)).toBe(`SELECT ${expected} FROM x`)
  })

  test('have a golden output each', () => {
    const covered = new Set([...GOLDEN.map(([macro]) => /^\$__(\w+)/.exec(macro)?.[1]), 'dt'])
    expect(BACKEND_MACROS.filter((name) => !covered.has(name))).toEqual([])
    expect(expand('$__dt(d, t)')).toBe(expand('$__dateTimeFilter(d, t)'))
  })

  test('expand the argument before the macro around it', () => {
    expect(expand('$__timeInterval($__fromTime)')).toBe(
      'toStartOfInterval(toDateTime(toDateTime(1415792726)), INTERVAL 20 second)',
    )
    expect(expand('$__timeFrom(coalesce(closed_at, $__toTime))')).toBe(
      'coalesce(closed_at, toDateTime(1447328726)) >= toDateTime(1415792726)',
    )
  })

  test('in a comment vanish with it, in quoted text comments stay', () => {
    expect(expand('a -- $__fromTime\nb /* $__timeFilter( */ c')).toBe('a \nb  c')
    expect(expand(String.raw`x = 'it\'s -- fine' AND $__toTime`)).toBe(
      String.raw`x = 'it\'s -- fine' AND toDateTime(1447328726)`,
    )
    expect(expand("x = 'it''s /* fine' AND $__toTime")).toBe("x = 'it''s /* fine' AND toDateTime(1447328726)")
  })

  test('of an unknown name stay in the text, for the engine to refuse', () => {
    expect(expand('$__conditionalAll(x, $y) AND $__fromTimes')).toBe('$__conditionalAll(x, $y) AND $__fromTimes')
  })

  test('with missing or surplus arguments are refused', () => {
    for (const sql of ['$__timeFilter', '$__timeFilter()', '$__timeFilter(a, b)', '$__timeFilter(a', '$__dt(a)']) {
      expect(() => expand(sql)).toThrow(expect.objectContaining({ code: 'E_MACRO' }))
    }
    for (const period of ['0m', '5', 'five', '5m x']) {
      expect(() => expand(`$__timeGroup(t, ${period})`)).toThrow(expect.objectContaining({ code: 'E_MACRO' }))
    }
  })

  test('never make a step below one second or one millisecond', () => {
    const fine = { ...context, intervalMs: 0 }
    expect(expandMacros('$__interval_s', fine)).toBe('1')
    expect(expandMacros('$__timeInterval_ms(t)', fine)).toContain('INTERVAL 1 millisecond')
  })
})
