/** KPI 6: what share of soft-capped traffic is served by the budget model, and what that saves. */
import { rowsBy } from '../model/groups.ts'
import { tierFacts } from '../model/holding-facts.ts'
import { callsIn, cost9Of, countOf, coverageOf, isNothingPriced, ratioOf, sumOf, usdOf } from '../model/money.ts'
import type { Asked, OracleLedger, PricedCall } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle, ViewRow } from '../model/view-rows.ts'
import { admitted, dayOf, isoDay, monthOf, windowOf, within } from '../model/windows.ts'

/** Calls of soft-capped tiers without denied ones. */
export const softCapped = (ledger: OracleLedger, asked: Asked, asOf: number): readonly PricedCall[] => {
  const tiers = tierFacts(ledger.facts, asOf)
  return admitted(ledger.calls(asked.book), asked).filter(
    ({ row }) => tiers.get(row.tier)?.pattern === 'soft_cap' && row.overage_action !== 'denied',
  )
}

const degradedOf = (calls: readonly PricedCall[]): readonly PricedCall[] =>
  calls.filter(({ row }) => row.overage_action === 'degraded')

export const degradedShare = (calls: readonly PricedCall[]): number | null =>
  ratioOf(callsIn(degradedOf(calls)), callsIn(calls))

const costShare = (calls: readonly PricedCall[]): number | null =>
  isNothingPriced(calls) ? null : ratioOf(cost9Of(degradedOf(calls)), cost9Of(calls))

const isComparable = ({ unpriced, intended9 }: PricedCall): boolean => !unpriced && intended9 !== undefined

const rowOf = (key: string, calls: readonly PricedCall[]): ViewRow<'kpi_degradation_rate'> => {
  const degraded = degradedOf(calls)
  const rate = degradedShare(calls)
  const costRate = costShare(calls)
  return {
    key,
    calls: callsIn(calls),
    calls_rate: rate,
    band: verdictOf(rate, 'degradation'),
    cost_rate: costRate,
    cost_band: verdictOf(costRate, 'degradation'),
    saved_usd: usdOf(sumOf(degraded.filter(isComparable), ({ intended9, cost9 }) => (intended9 ?? cost9) - cost9)),
    served_usd: usdOf(cost9Of(degraded)),
    saving_unknown_calls: countOf(degraded, (call) => (isComparable(call) ? 0 : 1)),
    ...coverageOf(calls),
  }
}

export const degradationRate: ViewOracle<'kpi_degradation_rate'> = (ledger, asked) => {
  const calls = within(softCapped(ledger, asked, asked.as_of), monthOf(asked.as_of))
  if (asked.by === 'all') return calls.length === 0 ? [] : [rowOf('all', calls)]
  const keyOf = ({ row }: PricedCall): string => (asked.by === 'feature' ? row.feature : row.tenant)
  return [...rowsBy(calls, keyOf)].map(([key, own]) => rowOf(key, own))
}

export const degradationSeries: ViewOracle<'kpi_degradation_series'> = (ledger, asked) => {
  const calls = within(softCapped(ledger, asked, asked.to_time), windowOf(asked))
  return [...rowsBy(calls, ({ slot }) => isoDay(dayOf(slot)))].map(([day, own]) => ({
    day,
    calls_rate: degradedShare(own),
    cost_rate: costShare(own),
    ...coverageOf(own),
  }))
}
