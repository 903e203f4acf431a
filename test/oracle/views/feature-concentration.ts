/** KPI 7: which features carry the cost, next to their share of usage. */
import { distinct, rowsBy, isComplete, taskOf } from '../model/groups.ts'
import {
  callsIn,
  cost9Of,
  costOrNull,
  coverageOf,
  dearest,
  isNothingPriced,
  ratioOf,
  sumOf,
  usdPer,
} from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, bucketOf, daysBefore, windowOf, within } from '../model/windows.ts'

const KEYS: Readonly<Record<string, (call: PricedCall) => string>> = {
  feature: ({ row }) => row.feature,
  route: ({ row }) => row.route,
  prompt_version: ({ row }) => row.prompt_version,
  tenant: ({ row }) => row.tenant,
  model: ({ row }) => row.price_model,
}

/** Part of the cost of a week that some of its calls have; null where the week cost nothing. */
const shareOfWeek = (week: readonly PricedCall[], isOwn: (call: PricedCall) => boolean): number | null =>
  ratioOf(cost9Of(week.filter(isOwn)), cost9Of(week))

/** The change of a share from the week before the last one to the last one. */
export const weekShift = (
  calls: readonly PricedCall[],
  end: number,
  isOwn: (call: PricedCall) => boolean,
): number | null => {
  const now = shareOfWeek(within(calls, daysBefore(end, 7)), isOwn)
  const then = shareOfWeek(within(calls, daysBefore(end, 7, 7)), isOwn)
  return now === null || then === null ? null : now - then
}

export const featureConcentration: ViewOracle<'kpi_feature_concentration'> = (ledger, asked) => {
  const all = admitted(ledger.calls(asked.book), asked)
  const keyOf = KEYS[asked.by] ?? (() => '')
  const window = within(all, windowOf(asked))
  const groups = rowsBy(window, keyOf)
  const hasEvents = asked.by !== 'prompt_version'
  const events = [...groups.values()].reduce((total, own) => total + distinct(own, taskOf), 0)
  return [...groups].map(([key, own]) => {
    const ownEvents = distinct(own, taskOf)
    return {
      key,
      cost_usd: costOrNull(own),
      cost_share: ratioOf(cost9Of(own), cost9Of(window)),
      usage_events: hasEvents ? ownEvents : null,
      usage_share: hasEvents ? ratioOf(ownEvents, events) : null,
      wow_shift: weekShift(all, asked.to_time, (call) => keyOf(call) === key),
      cost_per_event: hasEvents && isComplete(own) ? usdPer(cost9Of(own), ownEvents) : null,
      calls: callsIn(own),
      ...coverageOf(own),
    }
  })
}

/** Σ (2i − n − 1) × cost_i ÷ (n × Σ cost), costs ascending, i from 1. */
const giniOf = (costs: readonly bigint[]): number | null => {
  const sorted = costs.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const n = sorted.length
  const weighted = sorted.reduce((sum, cost, index) => sum + BigInt(2 * (index + 1) - n - 1) * cost, 0n)
  return ratioOf(weighted, BigInt(n) * sumOf(sorted, (cost) => cost))
}

export const featureTotals: ViewOracle<'kpi_feature_totals'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  const costs = [...rowsBy(calls, ({ row }) => row.feature).values()].map((own) => cost9Of(own))
  const top = (count: number): number | null =>
    isNothingPriced(calls) ? null : ratioOf(dearest(costs, count), cost9Of(calls))
  return [
    {
      top1: top(1),
      top3: top(3),
      top5: top(5),
      gini: giniOf(costs),
      features: costs.length,
      cost_usd: costOrNull(calls),
      ...coverageOf(calls),
    },
  ]
}

export const featureSeries: ViewOracle<'kpi_feature_series'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  const buckets = rowsBy(calls, ({ slot, row }) => JSON.stringify([bucketOf(slot, asked.step), row.feature]))
  return [...buckets].map(([key, own]) => {
    const [time, feature] = JSON.parse(key) as [number, string]
    return { time, feature, calls: callsIn(own), cost_usd: costOrNull(own), ...coverageOf(own) }
  })
}
