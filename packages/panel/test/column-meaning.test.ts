import { describe, expect, test } from 'vitest'
import { describeColumn, explainNulls, labelOf } from '../src/server/column-meaning.ts'

const unitOf = (name: string, type: string): string => describeColumn({ name, type }).unit

describe('a column', () => {
  test.each([
    ['cost_usd', 'Nullable(Decimal(38, 15))', 'usd'],
    ['cost_per_task_p50', 'Nullable(Decimal(38, 15))', 'usd'],
    ['amount', 'Decimal(38, 15)', 'amount'],
    ['priced_share', 'Nullable(Float64)', 'share'],
    ['rate', 'Float64', 'share'],
    ['cost_to_arr', 'Nullable(Float64)', 'share'],
    ['projected_p90', 'Nullable(Float64)', 'share'],
    ['p95_over_p50', 'Nullable(Float64)', 'ratio'],
    ['baseline_ratio', 'Nullable(Float64)', 'ratio'],
    ['used', 'Float64', 'tokens'],
    ['hard_cap', 'Float64', 'tokens'],
    ['calls', 'UInt64', 'count'],
    ['seat_ratio_band', 'String', 'verdict'],
    ['band', 'LowCardinality(String)', 'verdict'],
    ['first_cap_date', 'Nullable(Date)', 'date'],
    ['last_seen', "DateTime('UTC')", 'instant'],
    ['ingest_lag_p99_s', 'Nullable(Float64)', 'seconds'],
    ['lever', 'String', 'text'],
  ])('%s %s is a %s', (name, type, unit) => {
    expect(unitOf(name, type)).toBe(unit)
  })

  test.each([
    ['cost_per_task_p50', 'Cost per task, p50'],
    ['arr_usd', 'ARR'],
    ['cost_to_arr_band', 'Cost to ARR verdict'],
    ['top20_share', 'Top 20 share'],
    ['month_usd', 'Month to date'],
  ])('%s is called %s', (name, label) => {
    expect(labelOf(name)).toBe(label)
  })
})

describe('a NULL', () => {
  const reasonsOf = (cells: Record<string, string | number | null>, columns: readonly [string, string][]) =>
    explainNulls(
      columns.map(([name, type]) => describeColumn({ name, type })),
      cells,
    ).reasons
  const cost: [string, string] = ['cost_usd', 'Nullable(Decimal(38, 15))']

  test('of money without a price says so, and without calls that there is no data', () => {
    expect(reasonsOf({ cost_usd: null, unpriced_calls: '3' }, [cost])).toEqual({ cost_usd: 'no price' })
    expect(reasonsOf({ cost_usd: null, unpriced_calls: '0' }, [cost])).toEqual({ cost_usd: 'no data' })
  })

  test('beside a revenue says that there is none', () => {
    const cells = { ratio: null, revenue_month_usd: null, priced_share: 1, unpriced_calls: '0' }
    expect(
      reasonsOf(cells, [
        ['ratio', 'Nullable(Float64)'],
        ['revenue_month_usd', 'Nullable(Decimal(38, 15))'],
      ]),
    ).toEqual({ ratio: 'no revenue', revenue_month_usd: 'no revenue' })
  })

  test('of a figure that is there has no reason', () => {
    expect(reasonsOf({ cost_usd: '0' }, [cost])).toEqual({})
  })
})
