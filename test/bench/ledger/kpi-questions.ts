/**
 * Every KPI view with what it is asked, and its floor: the same counters of the same target in the same time, summed
 * without a price. Where a view reads two targets, its floor is both.
 */
import type { KpiArguments, KpiViewName } from '@outlay/clickhouse'
import type { Target } from './counters-targets.ts'
import { SHOWN } from './period.ts'

export interface Floor {
  readonly target: Target
  /** The condition on time of the view, as SQL. */
  readonly where: string
  /** `all`: calls and every meter. `calls`: the view takes no meters of this target. */
  readonly counters: 'all' | 'calls'
}

export interface KpiQuestion {
  readonly view: Exclude<KpiViewName, 'call_cost'>
  readonly args: KpiArguments
  readonly floor: readonly Floor[]
  /** A price change must change its answer. */
  readonly showsPrices: boolean
}

const shown = `price_slot >= toDateTime(${SHOWN.from}, 'UTC') AND price_slot < toDateTime(${SHOWN.to}, 'UTC')`
const month = `month = toDate(toDateTime(${SHOWN.monthFrom}, 'UTC')) AND price_slot < toDateTime(${SHOWN.to}, 'UTC')`
const monthSlots = `price_slot >= toDateTime(${SHOWN.monthFrom}, 'UTC') AND price_slot < toDateTime(${SHOWN.to}, 'UTC')`
const monthDays = `day >= toDate(toDateTime(${SHOWN.monthFrom}, 'UTC')) AND price_slot < toDateTime(${SHOWN.to}, 'UTC')`

const all = (target: Target, where: string): Floor => ({ target, where, counters: 'all' })
const calls = (target: Target, where: string): Floor => ({ target, where, counters: 'calls' })

const taskCost = [all('task_counters', shown)]
const userCost = [all('user_counters', `${monthSlots} AND user != ''`)]
const tenantCost = [all('tenant_counters', monthSlots)]
const utilization = [all('budget_counters', month)]
const overage = [all('overage_counters', monthDays)]
const degradation = [all('degradation_counters', `${monthSlots} AND tier = 'pro'`)]
const features = [all('feature_counters', shown), calls('task_counters', shown)]
const revenue = [all('product_counters', month)]

const range: KpiArguments = { from_time: SHOWN.from, to_time: SHOWN.to }
const calendar: KpiArguments = { as_of: SHOWN.to }

export const KPI_QUESTIONS: readonly KpiQuestion[] = [
  { view: 'kpi_task_cost', args: { ...range, by: 'all' }, floor: taskCost, showsPrices: true },
  { view: 'kpi_user_cost', args: calendar, floor: userCost, showsPrices: true },
  { view: 'kpi_tenant_cost', args: { ...calendar, by: 'all' }, floor: tenantCost, showsPrices: true },
  { view: 'kpi_tier_utilization', args: { ...calendar, top: 1_000 }, floor: utilization, showsPrices: true },
  { view: 'kpi_tier_summary', args: { ...calendar, by: 'all' }, floor: utilization, showsPrices: true },
  { view: 'kpi_overage_rate', args: { ...calendar, by: 'all' }, floor: overage, showsPrices: true },
  { view: 'kpi_degradation_rate', args: { ...calendar, by: 'all' }, floor: degradation, showsPrices: true },
  { view: 'kpi_feature_concentration', args: { ...range, by: 'feature' }, floor: features, showsPrices: true },
  { view: 'kpi_feature_totals', args: range, floor: features, showsPrices: true },
  { view: 'kpi_cost_to_revenue', args: { ...calendar, by: 'all' }, floor: revenue, showsPrices: true },
  { view: 'kpi_coverage', args: range, floor: [all('tenant_counters', shown)], showsPrices: false },
  {
    view: 'kpi_unattributed',
    args: { ...range, by: 'all' },
    floor: [calls('tenant_counters', shown)],
    showsPrices: false,
  },
  {
    view: 'kpi_book_impact',
    args: { ...range, other_book: 'r1' },
    floor: [all('tenant_counters', shown)],
    showsPrices: true,
  },
  { view: 'kpi_headline', args: range, floor: [all('tenant_counters', monthSlots)], showsPrices: true },
  {
    view: 'kpi_overview',
    args: range,
    floor: [
      ...taskCost,
      ...taskCost,
      ...userCost,
      ...tenantCost,
      ...utilization,
      ...overage,
      ...degradation,
      ...features,
      ...revenue,
    ],
    showsPrices: true,
  },
]
