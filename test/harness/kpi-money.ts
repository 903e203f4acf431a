/** One tenant's money as each of the eight KPIs prints it, for tests that a price reaches every one of them. */
import { readView, type TestLedger } from './test-ledger.ts'

/** A tier with a soft cap: its degraded calls count in KPI 5 and KPI 6 as well. */
export const SOFT_CAPPED = {
  attribution: { tier: 'pro' },
  control: { intendedModel: 'gpt-5', overagePattern: 'soft_cap', overageAction: 'degraded' },
} as const

export interface KpiMoney {
  readonly task: string | null
  readonly user: string | null
  readonly tenant: string | null
  /** KPI 4 counts effective tokens: its price is the ratio of output to input. */
  readonly effectiveTokens: number | null
  readonly overage: string | null
  readonly degradation: string | null
  readonly feature: string | null
  readonly revenue: string | null
}

export interface KpiMoneyQuestion {
  readonly tenant: string
  readonly book?: string
  /** Unix seconds; the calls lie in the calendar month before `to`. */
  readonly from: number
  readonly to: number
}

export const readKpiMoney = async (
  ledger: TestLedger,
  database: string,
  { tenant, book = 'current', from, to }: KpiMoneyQuestion,
): Promise<KpiMoney> => {
  const one = async (name: Parameters<typeof readView>[2], args: Parameters<typeof readView>[3]) => {
    const [row] = await readView<Record<string, string | number | null>>(ledger, database, name, {
      ...args,
      tenants: [tenant],
      book,
    })
    return row ?? {}
  }
  const window = { from_time: from, to_time: to }
  const month = { as_of: to }
  const text = (value: string | number | null | undefined): string | null => (value == null ? null : String(value))
  // One after the other: a busy engine lets only so many readers in at once.
  const task = await one('kpi_task_cost', window)
  const user = await one('kpi_user_cost', month)
  const perTenant = await one('kpi_tenant_cost', month)
  const used = await one('kpi_tier_utilization', month)
  const overage = await one('kpi_overage_rate', month)
  const degradation = await one('kpi_degradation_rate', month)
  const feature = await one('kpi_feature_totals', window)
  const revenue = await one('kpi_cost_to_revenue', month)
  return {
    task: text(task['cost_usd']),
    user: text(user['month_usd']),
    tenant: text(perTenant['month_usd']),
    effectiveTokens: used['used'] == null ? null : Number(used['used']),
    overage: text(overage['overage_usd']),
    degradation: text(degradation['served_usd']),
    feature: text(feature['cost_usd']),
    revenue: text(revenue['cost_usd']),
  }
}

/** The same amount in every KPI that shows money. */
export const inEveryKpi = (usd: string, effectiveTokens: number): KpiMoney => ({
  task: usd,
  user: usd,
  tenant: usd,
  effectiveTokens,
  overage: usd,
  degradation: usd,
  feature: usd,
  revenue: usd,
})
