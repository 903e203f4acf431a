/** The screen of all eight KPIs, and the course of their headlines. */
import { subjectOf } from '../model/budgets.ts'
import { completeCosts, groupsOf, ofUsers, rowsBy, taskOf, userOf } from '../model/groups.ts'
import { revenueOf, tierFacts } from '../model/holding-facts.ts'
import { cost9Of, countOf, dearest, isNothingPriced, medianOf, ratioOf, sumOf } from '../model/money.ts'
import type { Asked, OracleLedger, PricedCall } from '../model/oracle-ledger.ts'
import type { Cell, ViewOracle, ViewRow } from '../model/view-rows.ts'
import { DAY, dayOf, isoDay, monthOf, windowOf, within } from '../model/windows.ts'
import { costToRevenue } from './cost-to-revenue.ts'
import { degradationRate, degradedShare, softCapped } from './degradation.ts'
import { featureTotals } from './feature-concentration.ts'
import { overageRate } from './overage-rate.ts'
import { taskCost } from './task-cost.ts'
import { tenantCost } from './tenant-cost.ts'
import { tierSummary } from './tier-utilization.ts'
import { userCost } from './user-cost.ts'

const FEMTO9 = 9e15
const TOP_FEATURES = 3
const NO_WORDS = { title: '', unit: '', meaning: '', band: '', band_of: '', lever: '' } as const

/** Headlines are figures of the other views; the words beside them are not the oracle's. */
export const overview: ViewOracle<'kpi_overview'> = (ledger, asked) => {
  const question: Asked = { ...asked, by: 'all', as_of: asked.to_time }
  const [task] = taskCost(ledger, question)
  const [user] = userCost(ledger, question)
  const [tenant] = tenantCost(ledger, question)
  const [tier] = tierSummary(ledger, question)
  const [overage] = overageRate(ledger, question)
  const [degradation] = degradationRate(ledger, question)
  const [feature] = featureTotals(ledger, question)
  const [revenue] = costToRevenue(ledger, question)
  const money = (cell: Cell | undefined) => ({
    headline: cell == null ? null : Number(cell) / 1e15,
    headline_usd: cell ?? null,
  })
  const figure = (cell: Cell | undefined) => ({ headline: cell ?? null, headline_usd: null })
  const covered = (row: { readonly unpriced_calls: Cell; readonly priced_share: Cell } | undefined) => ({
    unpriced_calls: row?.unpriced_calls ?? 0,
    priced_share: row?.priced_share ?? null,
  })
  const row = (kpi: number, name: string, rest: object): ViewRow<'kpi_overview'> => ({
    kpi,
    name,
    ...NO_WORDS,
    ...(rest as Pick<ViewRow<'kpi_overview'>, 'headline' | 'headline_usd' | 'unpriced_calls' | 'priced_share'>),
  })
  return [
    row(1, 'task_cost', { ...money(task?.cost_per_task_p50), ...covered(task) }),
    row(2, 'user_cost', { ...money(user?.median_user_usd), ...covered(user) }),
    row(3, 'tenant_cost', { ...money(tenant?.month_usd), ...covered(tenant) }),
    row(4, 'tier_utilization', { ...figure(tier?.projected_p90), ...covered(tier) }),
    row(5, 'overage_rate', { ...figure(overage?.free_rate), ...covered(overage) }),
    row(6, 'degradation_rate', { ...figure(degradation?.calls_rate), ...covered(degradation) }),
    row(7, 'feature_concentration', { ...figure(feature?.top3), ...covered(feature) }),
    row(8, 'cost_to_revenue', { ...figure(revenue?.ratio), ...covered(revenue) }),
  ]
}

const dollars = (ninths: bigint | null): number | null => (ninths === null ? null : Number(ninths) / FEMTO9)

const deniedShare = (ledger: OracleLedger, ofDay: readonly PricedCall[], asOf: number): number | null => {
  const tiers = tierFacts(ledger.facts, asOf)
  const capped = ofDay.filter(
    (call) => tiers.get(call.row.tier)?.pattern === 'hard_cap' && subjectOf(call, tiers) !== undefined,
  )
  const denied = capped.filter(({ row }) => row.overage_action === 'denied')
  return ratioOf(groupsOf(denied, userOf).size, groupsOf(capped, userOf).size)
}

const costOfRevenue = (ledger: OracleLedger, ofDay: readonly PricedCall[], day: number): number | null => {
  const month = monthOf(day + DAY)
  const revenue = revenueOf(ledger.facts, 'tenant', month.from)
  const paying = new Map([...revenue].filter(([, amount]) => amount > 0n))
  const funded = ofDay.filter(({ row }) => paying.has(row.tenant))
  const amount = sumOf(paying.values(), (each) => each)
  const monthDays = (month.end - month.from) / DAY
  return funded.length === 0 || isNothingPriced(funded)
    ? null
    : ratioOf(Number(cost9Of(funded)) / 9, Number(amount) / monthDays)
}

export const overviewSeries: ViewOracle<'kpi_overview_series'> = (ledger, asked) => {
  const window = windowOf(asked)
  const calls = within(ledger.calls(asked.book), window)
  const soft = softCapped(ledger, asked, asked.to_time)
  return [...rowsBy(calls, ({ slot }) => String(dayOf(slot)))].flatMap(([key, ofDay]) => {
    const day = Number(key)
    const features = [...rowsBy(ofDay, ({ row }) => row.feature).values()].map((own) => cost9Of(own))
    const values = [
      dollars(medianOf(completeCosts(ofDay, taskOf))),
      dollars(medianOf(completeCosts(ofUsers(ofDay), userOf))),
      isNothingPriced(ofDay) ? null : dollars(cost9Of(ofDay)),
      countOf(ofDay, ({ effective }) => effective),
      deniedShare(ledger, ofDay, asked.to_time),
      degradedShare(within(soft, { from: Math.max(day, window.from), to: Math.min(day + DAY, window.to) })),
      isNothingPriced(ofDay) ? null : ratioOf(dearest(features, TOP_FEATURES), cost9Of(ofDay)),
      costOfRevenue(ledger, ofDay, day),
    ]
    return values.flatMap((value, index) => (value === null ? [] : [{ kpi: index + 1, day: isoDay(day), value }]))
  })
}
