/** Who goes past a cap: subjects of tiers and the calls that make them count. */
import type { BandId, TierFact } from '@outlay/clickhouse'
import { subjectOf } from './budgets.ts'
import { groupsOf } from './groups.ts'
import { ratioOf } from './money.ts'
import type { PricedCall } from './oracle-ledger.ts'
import { isOk, verdictOf } from './verdicts.ts'
import { DAY, dayOf, type Month, within } from './windows.ts'

const ACTIONS = new Map([
  ['hard_cap', 'denied'],
  ['soft_cap', 'degraded'],
  ['payg', 'metered'],
])
const BANDS_OF_RATE = new Map<string, BandId>([
  ['hard_cap', 'overage.hard_cap'],
  ['payg', 'overage.payg'],
])

/** The action that goes with the pattern of the call's tier. */
export const isOverage = ({ row }: PricedCall, tiers: ReadonlyMap<string, TierFact>): boolean =>
  row.overage_action === ACTIONS.get(tiers.get(row.tier)?.pattern ?? '')

/** Calls of a tier by subject. */
export const subjectsIn = (
  calls: readonly PricedCall[],
  tiers: ReadonlyMap<string, TierFact>,
): ReadonlyMap<string, readonly PricedCall[]> =>
  groupsOf(
    calls.filter((call) => subjectOf(call, tiers) !== undefined),
    (call) => `${call.row.tier}\u0000${subjectOf(call, tiers) ?? ''}`,
  )

export interface OverageDay {
  readonly day: number
  readonly subjects: number
  readonly over: number
  readonly rate: number | null
  readonly band: string
}

/** One row per day of the month from the first call of the tier on, each with all of the month up to it. */
export const overageDays = (
  ofTier: readonly PricedCall[],
  tiers: ReadonlyMap<string, TierFact>,
  month: Month,
): readonly OverageDay[] => {
  const calls = within(ofTier, month).filter((call) => subjectOf(call, tiers) !== undefined)
  if (calls.length === 0) return []
  const pattern = tiers.get(calls[0]?.row.tier ?? '')?.pattern ?? ''
  const first = dayOf(Math.min(...calls.map(({ slot }) => slot)))
  const days: OverageDay[] = []
  for (let day = first; day < month.to; day += DAY) {
    const upTo = [...subjectsIn(within(calls, { from: month.from, to: day + DAY }), tiers).values()]
    const over = upTo.filter((own) => own.some((call) => isOverage(call, tiers))).length
    const rate = ratioOf(over, upTo.length)
    days.push({ day, subjects: upTo.length, over, rate, band: verdictOf(rate, BANDS_OF_RATE.get(pattern)) })
  }
  return days
}

/** Days in a row, up to the last one, whose rate is outside ok; a rate without a band is never outside. */
export const daysOutside = (days: readonly OverageDay[]): number => {
  const isOutside = ({ band }: OverageDay): boolean => band !== 'none' && !isOk(band)
  const lastInside = days.findLastIndex((day) => !isOutside(day))
  return days.length - 1 - lastInside
}

export const rateBandOf = (rate: number | null, pattern: string): string => verdictOf(rate, BANDS_OF_RATE.get(pattern))
