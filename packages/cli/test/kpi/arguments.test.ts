import { kpiViewOf, type KpiViewName } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { parseViewArguments } from '../../src/kpi/view-arguments.ts'
import type { ViewOptions } from '../../src/kpi/view-flags.ts'
import { resolveViewName } from '../../src/kpi/view-name.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z') / 1_000
const DAY = 86_400
const at = (iso: string): number => Date.parse(iso) / 1_000
const parse = (name: KpiViewName, options: ViewOptions) => parseViewArguments(kpiViewOf(name), options, NOW)
const refusal = (name: KpiViewName, options: ViewOptions): string => {
  try {
    parse(name, options)
  } catch (error) {
    if (error instanceof OutlayError) return `${error.code}: ${error.message}`
  }
  return 'accepted'
}

describe('the name of a view', () => {
  test.each(['kpi_task_cost', 'task_cost', 'task-cost', 'KPI-Task-Cost', ' task-cost '])(
    '%j is kpi_task_cost',
    (text) => {
      expect(resolveViewName(text)).toBe('kpi_task_cost')
    },
  )

  test('a view without kpi_ has its own name', () => {
    expect([resolveViewName('call-cost'), resolveViewName('dim_values')]).toEqual(['call_cost', 'dim_values'])
  })

  test('an unknown one is refused with the nearest and the list', () => {
    expect(() => resolveViewName('modelmix')).toThrow(/did you mean "model-mix"\?.*want task-cost, .*provider-usage/)
    expect(() => resolveViewName('weather')).toThrow(/no KPI has that name; got "weather"/)
  })
})

describe('the time of a question', () => {
  test('is the 30 days up to now, or the moment now', () => {
    expect(parse('kpi_task_cost', {})).toEqual({ from_time: NOW - 30 * DAY, to_time: NOW })
    expect(parse('kpi_user_cost', {})).toEqual({ as_of: NOW })
    expect(parse('kpi_open_spend', {})).toEqual({})
  })

  test('ends at the moment that is asked about', () => {
    const to = at('2026-11-01T00:00:00Z')
    expect(parse('kpi_cache', { asOf: '2026-11-01' })).toEqual({ from_time: to - 30 * DAY, to_time: to })
    expect(parse('kpi_cache', { from: '2026-10-31', asOf: '2026-11-01' })).toEqual({ from_time: to - DAY, to_time: to })
    expect(parse('kpi_user_cost', { asOf: '2026-11-01T00:00:00.900Z' })).toEqual({ as_of: to })
  })

  test.each<[ViewOptions, RegExp]>([
    [{ to: '2026-11-01', asOf: '2026-11-02' }, /--as-of: the window ends at --to already/],
    [{ from: '2026-11-02', to: '2026-11-01' }, /--from: the window is empty/],
    [
      { from: '2026-11-02T10:00' },
      /--from: not a time; got "2026-11-02T10:00"; want 2026-12-01 or 2026-12-01T08:00:00Z/,
    ],
  ])('%j is refused', (options, message) => {
    expect(refusal('kpi_cache', options)).toMatch(message)
  })
})

describe('filters', () => {
  test('name dimensions once, with values between commas', () => {
    const where = ['tenant=acme,globex', 'feature=a=b', 'workload=', 'model=x\\,y,z']
    expect(parse('kpi_task_cost', { asOf: '2026-11-01', where })).toMatchObject({
      tenants: ['acme', 'globex'],
      features: ['a=b'],
      workloads: [''],
      models: ['x,y', 'z'],
    })
  })

  test.each([
    [['tenant'], '--where tenant: want NAME=VALUE'],
    [['tenat=a'], 'nothing is called "tenat", did you mean "tenant"?; want tenant, feature, model'],
    [['tier=pro'], 'kpi_cache cannot be filtered by tier; want tenant, feature, model'],
    [['tenant=a', 'tenant=b'], 'tenant is given twice; want one --where tenant=a,b'],
    [['tenant=a,,b'], 'a value is empty'],
  ])('%j is refused', (where, message) => {
    expect(refusal('kpi_cache', { where })).toContain(message)
  })
})

describe('options', () => {
  test.each([
    ['1800', 1_800],
    ['6h', 21_600],
    ['1d', DAY],
    ['2w', 14 * DAY],
  ])('a step of %s is %d seconds', (step, seconds) => {
    expect(parse('kpi_model_mix', { step })).toMatchObject({ step: seconds })
  })

  test('take what the view has', () => {
    expect(parse('kpi_task_outliers', { minRatio: '2.5' })).toMatchObject({ min_ratio: 2.5 })
    expect(parse('kpi_user_list', { top: '20' })).toMatchObject({ top: 20 })
    expect(parse('kpi_book_impact', { otherBook: 'half' })).toMatchObject({ other_book: 'half' })
    expect(parse('dim_values', { dimension: 'tier' })).toMatchObject({ dimension: 'tier' })
    expect(parse('kpi_spend_by_currency', { currency: 'EUR' })).toMatchObject({ currency: 'EUR' })
  })

  test.each<[KpiViewName, ViewOptions, string]>([
    ['kpi_model_mix', { step: '10m' }, '--step: got 10m; want 1800 to 4294967295 seconds'],
    ['kpi_model_mix', { step: '99999999w' }, '--step: got 99999999w; want'],
    ['kpi_model_mix', { step: 'day' }, '--step: not a duration; got "day"'],
    ['kpi_user_list', { top: '0' }, '--top: not a number of rows; got "0"'],
    ['kpi_task_outliers', { minRatio: '1e3' }, '--min-ratio: not a multiple; got "1e3"'],
    ['kpi_cache', { by: 'tier' }, '--by: got "tier"; want all, feature, route, tenant, model'],
    ['kpi_spend_by_currency', { currency: 'euro' }, '--currency: not a currency; got "euro"'],
    ['dim_values', { dimension: 'customer' }, '--dimension: got "customer"; want tenant, feature, tier'],
    ['dim_values', {}, '--dimension: dim_values needs it'],
    ['kpi_provider_usage', {}, '--provider: kpi_provider_usage needs it'],
    ['kpi_cache', { book: 'r1', bookAsOf: '2026-11-01' }, '--book-as-of: --book names a book already'],
    [
      'kpi_forecast',
      { from: '2026-11-01', by: 'all' },
      '--from, --by: not for kpi_forecast; it takes --as-of, --where tenant=…, --book, --book-as-of',
    ],
  ])('of %s: %j is refused', (name, options, message) => {
    expect(refusal(name, options)).toContain(message)
  })

  test('are refused all at once', () => {
    const all = refusal('kpi_cache', { step: '1d', by: 'tier', from: 'x', where: ['a=b'] })
    expect(all).toMatch(/^E_KPI_OPTION: 4 option\(s\) cannot be used:\n/)
  })
})
