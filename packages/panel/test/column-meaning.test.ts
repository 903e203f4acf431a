import { KPI_VIEWS } from '@outlay/clickhouse'
import { describe, expect, test } from 'vitest'
import { describeColumn, explainNulls, labelOf } from '../src/server/column-meaning.ts'

describe('a column', () => {
  test.each([
    ['kpi_task_cost', 'cost_usd', 'usd'],
    ['kpi_task_cost', 'cost_per_task_p50', 'usd'],
    ['kpi_spend_by_currency', 'amount', 'amount'],
    ['kpi_task_cost', 'priced_share', 'share'],
    ['kpi_tenant_cost', 'cost_to_arr', 'share'],
    ['kpi_task_cost', 'p95_over_p50', 'ratio'],
    ['kpi_tier_utilization', 'used', 'tokens'],
    ['kpi_task_cost', 'calls', 'count'],
    ['kpi_user_cost', 'seat_ratio_band', 'verdict'],
    ['kpi_tier_summary', 'first_cap_date', 'date'],
    ['kpi_coverage', 'last_seen', 'instant'],
    ['kpi_headline', 'ingest_lag_p99_s', 'seconds'],
    ['kpi_task_cost', 'lever', 'text'],
  ] as const)('of %s, %s, is a %s', (view, name, unit) => {
    expect(describeColumn(view, name).unit).toBe(unit)
  })

  test('of every view has a unit, a label and a definition', () => {
    const described = KPI_VIEWS.flatMap(({ name, columns }) =>
      Object.keys(columns).map((column) => describeColumn(name, column)),
    )
    expect(described.length).toBeGreaterThan(200)
    expect(described.filter(({ unit, label, description }) => !unit || !label || !description)).toEqual([])
  })

  test('that the registry does not have is a mistake of ours', () => {
    expect(() => describeColumn('kpi_task_cost', 'nothing')).toThrow('BUG: the registry has no column nothing')
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
  const cost = describeColumn('kpi_task_cost', 'cost_usd')

  test('of money without a price says so, and without calls that there is no data', () => {
    expect(explainNulls([cost], { cost_usd: null, unpriced_calls: '3' }).reasons).toEqual({ cost_usd: 'no price' })
    expect(explainNulls([cost], { cost_usd: null, unpriced_calls: '0' }).reasons).toEqual({ cost_usd: 'no data' })
  })

  test('beside a revenue says that there is none', () => {
    const ratio = describeColumn('kpi_cost_to_revenue', 'ratio')
    expect(explainNulls([ratio], { ratio: null, unpriced_calls: '0' }).reasons).toEqual({ ratio: 'no revenue' })
  })

  test('of a figure that is there has no reason', () => {
    expect(explainNulls([cost], { cost_usd: '0' }).reasons).toEqual({})
  })
})
