/** KPI 4: how much of its budget each subject has used, and when it runs out. */
import { capDateOf, type Subject, subjectsOf } from '../model/budgets.ts'
import { costOrNull, coverageOf, mapFigure, medianOf, percentileOf, ratioOf } from '../model/money.ts'
import type { Asked, OracleLedger } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle, ViewRow } from '../model/view-rows.ts'
import { admitted, DAY, type Month, monthOf } from '../model/windows.ts'

const WEEK = 7 * DAY
const CAP_STEP = 1_000
const HARD_MULTIPLE = 3

const asked = (ledger: OracleLedger, question: Asked) => {
  const month = monthOf(question.as_of)
  return { month, subjects: subjectsOf(ledger, admitted(ledger.calls(question.book), question), month) }
}

const rowOf = (subject: Subject, month: Month): ViewRow<'kpi_tier_utilization'> => {
  const utilization = ratioOf(subject.used, subject.hardCap)
  const projected = ratioOf(subject.projected, subject.hardCap)
  return {
    subject: subject.subject,
    tenant: subject.tenant,
    tier: subject.tier.tier,
    used: subject.used,
    soft_cap: subject.softCap,
    hard_cap: subject.hardCap,
    utilization,
    band: verdictOf(utilization, 'utilization'),
    projected: subject.projected,
    projected_utilization: projected,
    projected_band: verdictOf(projected, 'utilization'),
    projected_cap_date: capDateOf(subject, month),
    pattern: subject.tier.pattern,
    used_usd: costOrNull(subject.calls),
    budget_usd: subject.budgetUsd,
    budget_utilization: ratioOf(costOrNull(subject.calls), subject.budgetUsd),
  }
}

export const tierUtilization: ViewOracle<'kpi_tier_utilization'> = (ledger, question) => {
  const { month, subjects } = asked(ledger, question)
  return subjects.map((subject) => rowOf(subject, month))
}

const roundedUp = (tokens: number): number => Math.ceil(tokens / CAP_STEP) * CAP_STEP

const summaryOf = (tier: string, subjects: readonly Subject[], month: Month): ViewRow<'kpi_tier_summary'> => {
  const atLeast = (used: number, cap: number | null): boolean => cap !== null && used >= cap
  const utilizations = subjects.flatMap(({ used, hardCap }) => ratioOf(used, hardCap) ?? [])
  const projections = subjects.flatMap(({ projected, hardCap }) => ratioOf(projected, hardCap) ?? [])
  const projectedP90 = percentileOf(projections, 0.9)
  const hard = mapFigure(medianOf(subjects.map(({ projected }) => projected)), (tokens) =>
    roundedUp(HARD_MULTIPLE * tokens),
  )
  const dates = subjects.flatMap((subject) => capDateOf(subject, month) ?? [])
  return {
    tier,
    subjects: subjects.length,
    over_soft: subjects.filter(({ used, softCap }) => atLeast(used, softCap)).length,
    over_hard: subjects.filter(({ used, hardCap }) => atLeast(used, hardCap)).length,
    projected_over: subjects.filter(({ projected, hardCap }) => atLeast(projected, hardCap)).length,
    projected_7d: subjects.filter(
      ({ used, pace, hardCap }) => !atLeast(used, hardCap) && atLeast(used + pace * WEEK, hardCap),
    ).length,
    first_cap_date: dates.toSorted()[0] ?? null,
    p50: percentileOf(utilizations, 0.5),
    p90: percentileOf(utilizations, 0.9),
    p99: percentileOf(utilizations, 0.99),
    projected_p90: projectedP90,
    projected_p90_band: verdictOf(projectedP90, 'utilization'),
    recommended_hard: hard,
    // Seven tenths in whole steps: a product with 0.7 would not be exact.
    recommended_soft: mapFigure(hard, (tokens) => roundedUp((tokens * 7) / 10)),
    ...coverageOf(subjects.flatMap(({ calls }) => calls)),
  }
}

export const tierSummary: ViewOracle<'kpi_tier_summary'> = (ledger, question) => {
  const { month, subjects } = asked(ledger, question)
  const groups = Map.groupBy(subjects, ({ tier }) => (question.by === 'tier' ? tier.tier : 'all'))
  return [...groups].map(([tier, ofTier]) => summaryOf(tier, ofTier, month))
}

const LAST_BUCKET = 20

const bucketOf = ({ used, hardCap }: Subject): string => {
  const utilization = ratioOf(used, hardCap)
  if (utilization === null) return 'no cap'
  return (Math.min(Math.floor(utilization * 10), LAST_BUCKET) / 10).toFixed(1)
}

export const tierHistogram: ViewOracle<'kpi_tier_histogram'> = (ledger, question) => {
  const { subjects } = asked(ledger, question)
  const groups = Map.groupBy(subjects, (subject) => JSON.stringify([subject.tier.tier, bucketOf(subject)]))
  return [...groups].map(([key, own]) => {
    const [tier, bucket] = JSON.parse(key) as [string, string]
    return { tier, bucket, subjects: own.length }
  })
}
