/** KPI 5: who goes past the caps, now and day by day. */
import type { BandId } from '@outlay/clickhouse'
import { subjectOf } from '../model/budgets.ts'
import { conversionsOf } from '../model/conversions.ts'
import { tierFacts } from '../model/holding-facts.ts'
import { cost9Of, countOf, coverageOf, ratioOf, usdOf } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import { daysOutside, isOverage, overageDays, rateBandOf, subjectsIn } from '../model/overage.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle, ViewRow } from '../model/view-rows.ts'
import { admitted, isoDay, monthOf, monthsOf, windowOf, within } from '../model/windows.ts'

const CONVERSION_BANDS = new Map<string, BandId>([
  ['hard_cap', 'conversion.hard_cap'],
  ['soft_cap', 'conversion.soft_cap'],
  ['payg', 'conversion.payg'],
])

interface TierFigures {
  readonly tier: string
  readonly pattern: string
  readonly calls: readonly PricedCall[]
  readonly overCalls: readonly PricedCall[]
  readonly subjects: number
  readonly over: number
  readonly daysOutside: number
  readonly events: number
  readonly conversions: number
}

const rateIn = (tiers: readonly TierFigures[]): number | null =>
  ratioOf(
    countOf(tiers, ({ over }) => over),
    countOf(tiers, ({ subjects }) => subjects),
  )

const rowOf = (tier: string, pattern: string, tiers: readonly TierFigures[]): ViewRow<'kpi_overage_rate'> => {
  const ofPattern = (wanted: string): readonly TierFigures[] => tiers.filter((each) => each.pattern === wanted)
  const rate = rateIn(tiers)
  const free = rateIn(ofPattern('hard_cap'))
  const payg = rateIn(ofPattern('payg'))
  const events = countOf(tiers, (each) => each.events)
  const conversions = countOf(tiers, (each) => each.conversions)
  const converted = ratioOf(conversions, events)
  return {
    tier,
    pattern,
    subjects: countOf(tiers, ({ subjects }) => subjects),
    over: countOf(tiers, ({ over }) => over),
    rate,
    band: rateBandOf(rate, pattern),
    free_rate: free,
    free_rate_band: verdictOf(free, 'overage.hard_cap'),
    payg_rate: payg,
    payg_rate_band: verdictOf(payg, 'overage.payg'),
    days_outside: Math.max(0, ...tiers.map((each) => each.daysOutside)),
    overage_usd: usdOf(cost9Of(tiers.flatMap(({ overCalls }) => overCalls))),
    events,
    conversions,
    conversion_rate: converted,
    conversion_band: verdictOf(converted, CONVERSION_BANDS.get(pattern)),
    ...coverageOf(tiers.flatMap(({ calls }) => calls)),
  }
}

export const overageRate: ViewOracle<'kpi_overage_rate'> = (ledger, asked) => {
  const { as_of } = asked
  const month = monthOf(as_of)
  const tiers = tierFacts(ledger.facts, as_of)
  const known = admitted(ledger.calls(asked.book), asked).filter(({ row }) => tiers.has(row.tier))
  const figures = [...Map.groupBy(known, ({ row }) => row.tier)].flatMap(([tier, ofTier]): TierFigures[] => {
    const pattern = tiers.get(tier)?.pattern ?? ''
    const calls = within(ofTier, month)
    const ofSubjects = calls.filter((call) => subjectOf(call, tiers) !== undefined)
    const overCalls = ofSubjects.filter((call) => isOverage(call, tiers))
    const own = {
      tier,
      pattern,
      calls: ofSubjects,
      overCalls,
      subjects: subjectsIn(calls, tiers).size,
      over: subjectsIn(overCalls, tiers).size,
      daysOutside: daysOutside(overageDays(ofTier, tiers, month)),
      ...conversionsOf(pattern, { ledger, calls: ofTier, tiers, asOf: as_of }),
    }
    return ofSubjects.length > 0 || own.events > 0 ? [own] : []
  })
  if (asked.by === 'all') return figures.length === 0 ? [] : [rowOf('all', '', figures)]
  return figures.map((each) => rowOf(each.tier, each.pattern, [each]))
}

export const overageSeries: ViewOracle<'kpi_overage_series'> = (ledger, asked) => {
  const window = windowOf(asked)
  const tiers = tierFacts(ledger.facts, asked.to_time)
  const calls = admitted(ledger.calls(asked.book), asked)
  return monthsOf(window).flatMap((month) =>
    [...Map.groupBy(calls, ({ row }) => row.tier)].flatMap(([tier, ofTier]) =>
      overageDays(ofTier, tiers, month)
        .filter(({ day }) => isoDay(day) >= isoDay(window.from))
        .map(({ day, ...figures }) => ({ tier, ...figures, day: isoDay(day) })),
    ),
  )
}
