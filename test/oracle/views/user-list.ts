/** KPI 2: the hot spots, user by user. */
import { isComplete, latestTierOf, ofUsers, rowsBy, userOf } from '../model/groups.ts'
import { engagementSignals } from '../model/holding-facts.ts'
import { cost9Of, costOrNull, coverageOf, mapFigure, medianOf, ratioOf } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, DAY, dayOf, daysBefore, within } from '../model/windows.ts'

const USUAL_DAYS = 30
const POWER_FROM = 3
const POWER_TO = 10

/** Cost of today ÷ median of the 30 full days before, days without calls as 0. */
const trajectoryOf = (calls: readonly PricedCall[], asOf: number): number | null => {
  const today = dayOf(asOf - 1)
  const days = Array.from({ length: USUAL_DAYS }, (_, back) => today - (back + 1) * DAY)
  const usual = medianOf(days.map((from) => cost9Of(within(calls, { from, to: from + DAY }))))
  return ratioOf(cost9Of(within(calls, { from: today, to: asOf })), usual)
}

const topFeatureOf = (calls: readonly PricedCall[]): string => {
  const features = [...rowsBy(calls, ({ row }) => row.feature)].map(([feature, own]) => ({
    feature,
    cost: cost9Of(own),
  }))
  const largest = features.reduce((most, { cost }) => (cost > most ? cost : most), 0n)
  const names = features.filter(({ cost }) => cost === largest).map(({ feature }) => feature)
  return names.toSorted()[0] ?? ''
}

interface HotUser {
  readonly key: string
  readonly own: readonly PricedCall[]
  readonly tier: string
}

const medianCost = (users: readonly HotUser[]): bigint | null =>
  medianOf(users.filter(({ own }) => isComplete(own)).map(({ own }) => cost9Of(own)))

const byCost = (a: HotUser, b: HotUser): number => {
  const [costA, costB] = [cost9Of(a.own), cost9Of(b.own)]
  if (costA !== costB) return costA < costB ? 1 : -1
  return a.key < b.key ? -1 : 1
}

export const userList: ViewOracle<'kpi_user_list'> = (ledger, asked) => {
  const { as_of } = asked
  const calls = ofUsers(admitted(ledger.calls(asked.book), asked))
  const history = Map.groupBy(calls, userOf)
  const signals = engagementSignals(ledger.facts, as_of)
  const users = [...rowsBy(within(calls, daysBefore(as_of, 7)), userOf)].map(
    ([key, own]): HotUser => ({ key, own, tier: latestTierOf(own) }),
  )
  const median = medianCost(users)
  const tierMedians = new Map([...Map.groupBy(users, ({ tier }) => tier)].map(([tier, own]) => [tier, medianCost(own)]))
  const listed = users.toSorted(byCost).slice(0, asked.top)
  return listed.map(({ key, own, tier }) => {
    const spend = costOrNull(own)
    const priced = spend === null ? null : cost9Of(own)
    const yesterday = cost9Of(within(own, daysBefore(as_of, 1, 1)))
    const multiple = ratioOf(priced, median)
    const ofTier = ratioOf(priced, tierMedians.get(tier) ?? null)
    const trajectory = trajectoryOf(history.get(key) ?? [], as_of)
    return {
      user: own[0]?.row.user ?? '',
      tenant: own[0]?.row.tenant ?? '',
      tier,
      spend_7d_usd: spend,
      day_delta: mapFigure(ratioOf(cost9Of(within(own, daysBefore(as_of, 1))), yesterday), (ratio) => ratio - 1),
      median_multiple: multiple,
      median_multiple_band: verdictOf(multiple, 'hot_spot'),
      trajectory,
      trajectory_band: verdictOf(trajectory, 'trajectory'),
      power_user: ofTier !== null && ofTier >= POWER_FROM && ofTier <= POWER_TO ? 1 : 0,
      top_feature: topFeatureOf(own),
      engagement: signals.get(key) ?? '',
      ...coverageOf(own),
    }
  })
}
