/** KPI 2: what a user costs this month, and how concentrated that is. */
import { isComplete, groupsOf, ofUsers, userOf } from '../model/groups.ts'
import { subjectsOf } from '../model/budgets.ts'
import { tenantFacts, userFacts } from '../model/holding-facts.ts'
import {
  cost9Of,
  costOrNull,
  countOf,
  coverageOf,
  dearestPart,
  isNothingPriced,
  mapFigure,
  medianOf,
  percentileOf,
  ratioOf,
  usdOf,
  usdPer,
} from '../model/money.ts'
import type { Asked, OracleLedger, PricedCall } from '../model/oracle-ledger.ts'
import { sharedCalls, userCostsOf } from '../model/user-costs.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, DAY, daysBefore, HOUR, hourOf, monthOf, within } from '../model/windows.ts'

const BASELINE_DAYS = 7

/** Cost of all users and how many were active, in one hour. */
interface UserHour {
  readonly calls: readonly PricedCall[]
  readonly active: number
}

const hourAt = (calls: readonly PricedCall[], from: number): UserHour => {
  const ofHour = ofUsers(within(calls, { from, to: from + HOUR }))
  return { calls: ofHour, active: groupsOf(ofHour, userOf).size }
}

/** The same hour of the 7 days before: sum of cost ÷ sum of active users. */
export const hourBaseline = (calls: readonly PricedCall[], hour: number): bigint | null => {
  const days = Array.from({ length: BASELINE_DAYS }, (_, day) => hourAt(calls, hour - (day + 1) * DAY))
  const all = days.flatMap((day) => day.calls)
  return isNothingPriced(all)
    ? null
    : usdPer(
        cost9Of(all),
        countOf(days, ({ active }) => active),
      )
}

export const costPerActive = ({ calls, active }: UserHour): bigint | null =>
  isNothingPriced(calls) ? null : usdPer(cost9Of(calls), active)

const seatRatio = (ledger: OracleLedger, calls: readonly PricedCall[], asOf: number): number | null => {
  const facts = userFacts(ledger.facts, asOf)
  const users = groupsOf(ofUsers(within(calls, daysBefore(asOf, 30))), userOf)
  const ratios = [...users].flatMap(([key, own]) => {
    const ratio = ratioOf(usdOf(cost9Of(own)), facts.get(key)?.seat_price_usd ?? null)
    return ratio === null || !isComplete(own) ? [] : [ratio]
  })
  return medianOf(ratios)
}

const capFigures = (ledger: OracleLedger, calls: readonly PricedCall[], asOf: number) => {
  const users = subjectsOf(ledger, calls, monthOf(asOf)).filter(({ tier }) => tier.scope === 'user')
  const ratios = (cap: 'softCap' | 'hardCap'): readonly number[] =>
    users.flatMap((user) => ratioOf(user.used, user[cap]) ?? [])
  const lastDay = within(calls, daysBefore(asOf, 1))
  const usedLately = (tenant: string, user: string): boolean =>
    lastDay.some(({ row, effective }) => row.tenant === tenant && row.user === user && effective > 0)
  return {
    soft: percentileOf(ratios('softCap'), 0.9),
    hard: percentileOf(ratios('hardCap'), 0.99),
    past: users.filter(
      ({ used, hardCap, tenant, subject }) => hardCap !== null && used >= hardCap && usedLately(tenant, subject),
    ).length,
  }
}

const topShare = (costs: readonly bigint[], percent: number, total: readonly PricedCall[]): number | null =>
  isNothingPriced(total) ? null : ratioOf(dearestPart(costs, percent), cost9Of(total))

export const userCost: ViewOracle<'kpi_user_cost'> = (ledger, asked: Asked) => {
  const { as_of } = asked
  const calls = admitted(ledger.calls(asked.book), asked)
  const ofMonth = within(calls, monthOf(as_of))
  const tenants = tenantFacts(ledger.facts, as_of)
  const users = userCostsOf(ofMonth, tenants)
  const carried = [...ofUsers(ofMonth), ...sharedCalls(ofMonth, tenants)]
  const costs = users.map(({ cost9 }) => cost9)
  const top5 = topShare(costs, 5, carried)
  const seat = seatRatio(ledger, calls, as_of)
  const caps = capFigures(ledger, calls, as_of)
  const hour = hourOf(as_of) - HOUR
  const perHour = costPerActive(hourAt(calls, hour))
  const hourRatio = ratioOf(perHour, hourBaseline(calls, hour))
  return [
    {
      active_users: users.length,
      month_usd: costOrNull(carried),
      median_user_usd: mapFigure(medianOf(users.filter(({ complete }) => complete).map(({ cost9 }) => cost9)), usdOf),
      top1_share: topShare(costs, 1, carried),
      top5_share: top5,
      top5_share_band: verdictOf(top5, 'top5_share'),
      top10_share: topShare(costs, 10, carried),
      seat_ratio: seat,
      seat_ratio_band: verdictOf(seat, 'seat_ratio'),
      p90_soft_ratio: caps.soft,
      p90_soft_ratio_band: verdictOf(caps.soft, 'p90_soft'),
      p99_hard_ratio: caps.hard,
      p99_hard_ratio_band: verdictOf(caps.hard, 'p99_hard'),
      linear_past_cap: caps.past,
      active_user_hour_usd: perHour,
      active_user_ratio: hourRatio,
      active_user_ratio_band: verdictOf(hourRatio, 'active_user'),
      ...coverageOf(carried),
    },
  ]
}
