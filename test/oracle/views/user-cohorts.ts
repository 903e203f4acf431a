/** KPI 2: users by signup month, and by the hour. */
import { groupsOf, isComplete, latestTierOf, ofUsers, rowsBy, userOf } from '../model/groups.ts'
import { userFacts } from '../model/holding-facts.ts'
import { cost9Of, coverageOf, mapFigure, percentileOf, ratioOf, usdOf } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, daysBefore, hourOf, isoDayOfDate, windowOf, within } from '../model/windows.ts'
import { costPerActive, hourBaseline } from './user-cost.ts'

const medianIn = (users: readonly (readonly PricedCall[])[], level: number): bigint | null =>
  percentileOf(
    users.filter(isComplete).map((own) => cost9Of(own)),
    level,
  )

const yearBefore = (month: string): string => `${Number(month.slice(0, 4)) - 1}${month.slice(4)}`

export const userCohorts: ViewOracle<'kpi_user_cohorts'> = (ledger, asked) => {
  const calls = ofUsers(admitted(ledger.calls(asked.book), asked))
  const facts = userFacts(ledger.facts, asked.as_of)
  const users = [...groupsOf(within(calls, daysBefore(asked.as_of, 30)), userOf)].map(([key, own]) => {
    const fact = facts.get(key)
    return fact === undefined
      ? { own, month: null, tier: latestTierOf(own) }
      : { own, month: isoDayOfDate(fact.signup_month), tier: fact.tier }
  })
  const keyOf = (month: string | null, tier: string): string => JSON.stringify([month, tier])
  const cohorts = Map.groupBy(users, ({ month, tier }) => keyOf(month, tier))
  return [...cohorts].map(([key, ofCohort]) => {
    const [signup_month, tier] = JSON.parse(key) as [string | null, string]
    const owns = ofCohort.map(({ own }) => own)
    const older = signup_month === null ? [] : (cohorts.get(keyOf(yearBefore(signup_month), tier)) ?? [])
    const median = medianIn(owns, 0.5)
    const olderMedian = medianIn(
      older.map(({ own }) => own),
      0.5,
    )
    const drift = mapFigure(ratioOf(median, olderMedian), (ratio) => ratio - 1)
    return {
      signup_month,
      tier,
      users: ofCohort.length,
      median_usd: mapFigure(median, usdOf),
      p95_usd: mapFigure(medianIn(owns, 0.95), usdOf),
      drift,
      drift_band: verdictOf(drift, 'cohort_drift'),
      ...coverageOf(owns.flat()),
    }
  })
}

export const activeUserSeries: ViewOracle<'kpi_active_user_series'> = (ledger, asked) => {
  const calls = ofUsers(admitted(ledger.calls(asked.book), asked))
  const hours = rowsBy(within(calls, windowOf(asked)), ({ slot }) => String(hourOf(slot)))
  return [...hours].map(([hour, ofHour]) => {
    const active = groupsOf(ofHour, userOf).size
    return {
      time: Number(hour),
      active_users: active,
      cost_usd: costPerActive({ calls: ofHour, active }),
      baseline_usd: hourBaseline(calls, Number(hour)),
      ...coverageOf(ofHour),
    }
  })
}
