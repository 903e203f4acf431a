/** Every view with what it is asked, and its floors: see `floors.ts`. A new view needs a line here. */
import { KPI_VIEWS, type KpiArguments, type KpiViewName } from '@outlay/clickhouse'
import { calls, counters, entries, type Floor, lag, listed, tokens } from './floors.ts'
import { BUSY_HOUR, SHOWN } from './period.ts'

export interface KpiQuestion {
  readonly view: KpiViewName
  readonly args: KpiArguments
  /** Where a view reads two targets or two ranges of time, its floor is both. */
  readonly floor: readonly Floor[]
  /** A price change must change its answer. */
  readonly showsPrices: boolean
}

const DAY_SECONDS = 86_400
const WEEK_SECONDS = 7 * DAY_SECONDS
const HOUR_SECONDS = 3_600
const HOURS_FROM = SHOWN.to - HOUR_SECONDS - WEEK_SECONDS

const time = (seconds: number): string => `toDateTime(${seconds}, 'UTC')`
const between = (from: number, to: number, column = 'price_slot'): string =>
  `${column} >= ${time(from)} AND ${column} < ${time(to)}`
const monthOf = (seconds: number): string => `toStartOfMonth(toDate(${time(seconds)}))`

const shown = between(SHOWN.from, SHOWN.to)
const month = between(SHOWN.monthFrom, SHOWN.to)
const weekBefore = between(SHOWN.from - WEEK_SECONDS, SHOWN.from)
const budgetMonth = `month = ${monthOf(SHOWN.monthFrom)} AND ${month}`
const monthDays = `day >= toDate(${time(SHOWN.monthFrom)}) AND ${month}`
const ofUsers = `user != ''`
const softTiers = `tier = 'pro' AND action != 'denied'`
const OVER = `action IN ('denied', 'degraded', 'metered')`
/** Overage that 30 whole days have followed, as far back as a renewal looks. */
const pastOverage = `${OVER} AND ${between(SHOWN.to - 425 * DAY_SECONDS, SHOWN.to - 30 * DAY_SECONDS)}`
/** The last hour and the same one on each of the seven days before. */
const sameHours = `${between(HOURS_FROM, SHOWN.to)} AND (toUnixTimestamp(price_slot) - ${HOURS_FROM}) % ${DAY_SECONDS} < ${HOUR_SECONDS} AND ${ofUsers}`
/** `product_counters` from a month on. */
const productsFrom = (seconds: number): string => `month >= ${monthOf(seconds)} AND price_slot < ${time(SHOWN.to)}`

const DAY = 'toDate(price_slot)'
const HOUR = 'toStartOfHour(price_slot)'

const perTask = counters('task_counters', shown, ['task_key'])
const taskCost = [perTask, counters('task_counters', weekBefore, ['task_key'])]
const userMonth = `${month} AND ${ofUsers}`
const userCost = [
  counters('user_counters', month, ['user_key']),
  counters('user_counters', sameHours, [HOUR, 'user_key']),
]
const tenantCost = [counters('tenant_counters', month, ['tenant']), counters('user_counters', userMonth, ['user_key'])]
const utilization = [counters('budget_counters', budgetMonth, ['user_key', 'day'])]
const overage = [
  counters('overage_counters', monthDays, ['user_key', 'action']),
  calls('overage_counters', pastOverage, ['user_key', 'action']),
]
const degradation = [counters('degradation_counters', `${month} AND ${softTiers}`, ['action'])]
const features = [counters('feature_counters', shown, ['feature'])]
const revenue = [counters('product_counters', productsFrom(SHOWN.monthFrom - DAY_SECONDS), ['tenant', 'month'])]
const tenants = [counters('tenant_counters', shown)]
const days = [
  counters('task_counters', shown, [DAY, 'task_key']),
  counters('user_counters', `${shown} AND ${ofUsers}`, [DAY, 'user_key']),
  counters('tenant_counters', shown, [DAY]),
  counters('budget_counters', `month >= ${monthOf(SHOWN.from)} AND ${shown}`, ['day']),
  calls('overage_counters', `day >= toDate(${time(SHOWN.from)}) AND ${shown} AND ${ofUsers} AND tier = 'free'`, [
    'day',
    'user_key',
    'action',
  ]),
  calls('degradation_counters', `${shown} AND ${softTiers}`, [DAY, 'action']),
  counters('feature_counters', shown, [DAY, 'feature']),
  counters('product_counters', `month >= ${monthOf(SHOWN.from)} AND ${shown}`, [DAY, 'tenant', 'month']),
]

const range: KpiArguments = { from_time: SHOWN.from, to_time: SHOWN.to }
const daily: KpiArguments = { ...range, step: DAY_SECONDS }
const calendar: KpiArguments = { as_of: SHOWN.to }
const busyHour: KpiArguments = { from_time: BUSY_HOUR.from, to_time: BUSY_HOUR.to }

type Question = Omit<KpiQuestion, 'view'>

const priced = (args: KpiArguments, floor: readonly Floor[]): Question => ({ args, floor, showsPrices: true })
/** No money, or only ranks, counts and quantiles: a small change of one price may leave every one of them where it was. */
const unpriced = (args: KpiArguments, floor: readonly Floor[]): Question => ({ args, floor, showsPrices: false })

const questions: Readonly<Partial<Record<KpiViewName, Question>>> = {
  kpi_task_cost: priced({ ...range, by: 'all' }, taskCost),
  kpi_task_cost_series: priced(daily, [counters('task_counters', shown, [DAY, 'workload', 'task_key'])]),
  kpi_task_histogram: unpriced(daily, [counters('task_counters', shown, [DAY, 'task_key'])]),
  kpi_task_outliers: priced({ ...range, min_ratio: 10 }, [perTask]),
  kpi_session_cost: unpriced(range, [counters('task_counters', `${shown} AND session_key != 0`, ['session_key'])]),

  kpi_user_cost: priced(calendar, userCost),
  kpi_user_list: priced({ ...calendar, top: 100 }, [counters('user_counters', userMonth, ['user_key'])]),
  kpi_user_cohorts: unpriced(calendar, [counters('user_counters', `${shown} AND ${ofUsers}`, ['user_key'])]),
  kpi_active_user_series: priced(range, [
    counters('user_counters', `${between(SHOWN.from - WEEK_SECONDS, SHOWN.to)} AND ${ofUsers}`, [HOUR, 'user_key']),
  ]),

  kpi_tenant_cost: priced({ ...calendar, by: 'all' }, tenantCost),
  kpi_tenant_series: priced(daily, [counters('tenant_counters', shown, [DAY, 'tenant'])]),

  kpi_tier_utilization: priced({ ...calendar, top: 1_000 }, utilization),
  kpi_tier_summary: unpriced({ ...calendar, by: 'all' }, utilization),
  kpi_tier_histogram: unpriced(calendar, utilization),

  kpi_overage_rate: priced({ ...calendar, by: 'all' }, overage),
  kpi_overage_series: unpriced(range, [
    calls('overage_counters', `day >= toStartOfMonth(toDate(${time(SHOWN.from)})) AND price_slot < ${time(SHOWN.to)}`, [
      'day',
      'user_key',
      'action',
    ]),
  ]),

  kpi_degradation_rate: priced({ ...calendar, by: 'all' }, degradation),
  kpi_degradation_series: unpriced(range, [
    counters('degradation_counters', `${shown} AND ${softTiers}`, [DAY, 'action']),
  ]),

  kpi_feature_concentration: priced({ ...range, by: 'feature' }, [
    ...features,
    calls('task_counters', shown, ['feature', 'task_key']),
  ]),
  kpi_feature_totals: priced(range, features),
  kpi_feature_series: priced(daily, [counters('feature_counters', shown, [DAY, 'feature'])]),
  kpi_feature_answer: priced({ ...calendar, feature: 'support-chat' }, [
    counters('task_counters', `feature = 'support-chat' AND ${between(SHOWN.to - 60 * DAY_SECONDS, SHOWN.to)}`, [
      'task_key',
    ]),
  ]),

  kpi_cost_to_revenue: priced({ ...calendar, by: 'all' }, revenue),
  kpi_cost_to_revenue_series: priced({ ...range, by: 'all' }, [
    counters('product_counters', productsFrom(SHOWN.from), ['tenant', 'month']),
  ]),

  kpi_cache: priced({ ...range, by: 'all' }, [
    // Money lost on writes is defined per prompt.
    counters('feature_counters', shown, ['tenant', 'feature', 'route', 'prompt_version', 'model']),
  ]),
  kpi_model_mix: priced(daily, [counters('feature_counters', shown, [DAY, 'model'])]),
  kpi_tool_share: priced(range, [counters('feature_counters', shown, ['tool'])]),
  kpi_prompt_length: unpriced(daily, [tokens('feature_counters', shown, [DAY, 'route'])]),
  kpi_forecast: priced(calendar, [counters('tenant_counters', month, [DAY]), ...utilization]),
  kpi_unattributed: unpriced({ ...range, by: 'all' }, tenants),
  kpi_coverage: unpriced({ ...range, by: 'meter' }, tenants),
  kpi_headline: priced(range, [
    counters('tenant_counters', month),
    lag(`sign = 1 AND ${between(SHOWN.from, SHOWN.to, 'posted_at')}`),
    calls('overage_counters', `day = toDate(${time(SHOWN.to - 1)}) AND ${OVER}`),
  ]),
  kpi_overview: priced(
    range,
    [taskCost, taskCost, userCost, tenantCost, utilization, overage, degradation, features, revenue].flat(),
  ),
  kpi_overview_series: priced(range, days),
  dim_values: unpriced({ ...range, dimension: 'tenant' }, [counters('product_counters', shown, ['tenant'])]),

  call_cost: priced(busyHour, [listed(between(BUSY_HOUR.from, BUSY_HOUR.to))]),
  kpi_open_spend: unpriced({ by: 'all' }, [entries('open_entries', '1')]),
  kpi_book_impact: priced({ ...range, other_book: 'r1' }, tenants),
  kpi_sheet_spend: priced(range, tenants),
  kpi_spend_by_currency: priced(range, [counters('tenant_counters', shown, [DAY])]),
  kpi_provider_usage: priced({ ...range, provider: 'openai' }, [entries('calls', shown)]),
}

export const KPI_QUESTIONS: readonly KpiQuestion[] = Object.entries(questions).map(([view, question]) => ({
  view: view as KpiViewName,
  ...question,
}))

/** Views that nobody has given a question here: the report names them, so that none is forgotten. */
export const UNMEASURED_VIEWS: readonly string[] = KPI_VIEWS.map(({ name }) => name).filter(
  (name) => questions[name] === undefined,
)
