/**
 * Every KPI view with what it is asked, and its floor: the same counters of the same target in the same time, summed
 * without a price. Where a view reads two targets, its floor is both.
 */
import { KPI_VIEWS, type KpiArguments, type KpiViewName } from '@outlay/clickhouse'
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

type Question = Omit<KpiQuestion, 'view'>

const priced = (args: KpiArguments, floor: readonly Floor[]): Question => ({ args, floor, showsPrices: true })
const unpriced = (args: KpiArguments, floor: readonly Floor[]): Question => ({ args, floor, showsPrices: false })

const everyKpi = [taskCost, taskCost, userCost, tenantCost, utilization, overage, degradation, features, revenue].flat()

const questions: Readonly<Partial<Record<KpiQuestion['view'], Question>>> = {
  kpi_task_cost: priced({ ...range, by: 'all' }, taskCost),
  kpi_user_cost: priced(calendar, userCost),
  kpi_tenant_cost: priced({ ...calendar, by: 'all' }, tenantCost),
  kpi_tier_utilization: priced({ ...calendar, top: 1_000 }, utilization),
  // Counts and quantiles of subjects: a small change of a price may leave every one of them where it was.
  kpi_tier_summary: unpriced({ ...calendar, by: 'all' }, utilization),
  kpi_overage_rate: priced({ ...calendar, by: 'all' }, overage),
  kpi_degradation_rate: priced({ ...calendar, by: 'all' }, degradation),
  kpi_feature_concentration: priced({ ...range, by: 'feature' }, features),
  kpi_feature_totals: priced(range, features),
  kpi_cost_to_revenue: priced({ ...calendar, by: 'all' }, revenue),
  kpi_coverage: unpriced(range, [all('tenant_counters', shown)]),
  kpi_unattributed: unpriced({ ...range, by: 'all' }, [calls('tenant_counters', shown)]),
  kpi_book_impact: priced({ ...range, other_book: 'r1' }, [all('tenant_counters', shown)]),
  kpi_sheet_spend: priced(range, [all('tenant_counters', shown)]),
  kpi_spend_by_currency: priced(range, [all('tenant_counters', shown)]),
  kpi_headline: priced(range, [all('tenant_counters', monthSlots)]),
  kpi_overview: priced(range, everyKpi),
}

export const KPI_QUESTIONS: readonly KpiQuestion[] = Object.entries(questions).map(([view, question]) => ({
  view: view as KpiQuestion['view'],
  ...question,
}))

/** Views that nobody has given a question here: the report names them, so that none is forgotten. */
export const UNMEASURED_VIEWS: readonly string[] = KPI_VIEWS.map(({ name }) => name).filter(
  (name) => name !== 'call_cost' && questions[name] === undefined,
)
