import { KPI_VIEWS, type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { describe, expect, test } from 'vitest'
import { type KpiCallArguments, kpiCall, quoteLiteral } from '../src/kpi-call.ts'
import { lintSql, viewCallsIn } from '../src/lint-sql.ts'

/** Any arguments a view accepts, made from the registry. */
const someArguments = (name: KpiViewName): KpiCallArguments<KpiViewName> => {
  const { parameters, by } = kpiViewOf(name)
  return {
    ...(parameters.includes('by') ? { by: by[0] } : {}),
    ...(parameters.includes('top') ? { top: 7 } : {}),
    ...(parameters.includes('other_book') ? { other_book: 'r1' } : {}),
    ...(parameters.includes('provider') ? { provider: 'openai' } : {}),
    ...(parameters.includes('min_ratio') ? { min_ratio: 3 } : {}),
    ...(parameters.includes('feature') ? { feature: 'support' } : {}),
    ...(parameters.includes('dimension') ? { dimension: 'tenant' } : {}),
    ...(parameters.includes('currency') ? { currency: 'EUR' } : {}),
  } as KpiCallArguments<KpiViewName>
}

describe('a view call', () => {
  test('names every parameter of its view, once, in registry order', () => {
    for (const { name, parameters } of KPI_VIEWS) {
      const [call] = viewCallsIn(kpiCall(name, someArguments(name)))
      expect(call?.name).toBe(name)
      expect(call?.args.map((argument) => argument.split(' = ')[0])).toEqual([...parameters])
    }
  })

  test('passes the lint for every view', () => {
    for (const { name } of KPI_VIEWS) expect(lintSql(kpiCall(name, someArguments(name)))).toEqual([])
  })

  test('pins times to UTC with the macros in seconds', () => {
    expect(kpiCall('kpi_headline', {})).toBe(
      "${database}.kpi_headline(from_time = toDateTime($__fromTime, 'UTC'), to_time = toDateTime($__toTime, 'UTC'), book = ${book:singlequote})",
    )
    expect(kpiCall('kpi_user_cost', {})).toContain("as_of = toDateTime($__toTime, 'UTC')")
  })

  test('binds a filter that is left out to its variable, inside an array', () => {
    const call = kpiCall('kpi_task_cost', { by: 'all', features: ['*'] })
    expect(call).toContain('tenants = [${tenant:singlequote}]')
    expect(call).toContain('workloads = [${workload:singlequote}]')
    expect(call).toContain("features = ['*']")
  })

  test('does not compile, nor run, with a filter that the view lacks', () => {
    // @ts-expect-error kpi_headline has no tenant filter
    expect(() => kpiCall('kpi_headline', { tenants: ['a'] })).toThrow('takes no argument tenants')
    // @ts-expect-error kpi_tier_summary cannot be grouped by tenant
    kpiCall('kpi_tier_summary', { by: 'tenant' })
    // @ts-expect-error the view asks for `by`
    expect(() => kpiCall('kpi_task_cost', {})).toThrow('no argument for by')
  })

  test('quotes literals so that a quote or a backslash stays inside', () => {
    expect(quoteLiteral("o'brien\\")).toBe(String.raw`'o\'brien\\'`)
  })
})
