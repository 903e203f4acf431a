/** Whether an overage was followed by a change of plan. */
import type { TierFact } from '@outlay/clickhouse'
import { subjectOf } from './budgets.ts'
import { tenantFacts } from './holding-facts.ts'
import type { OracleLedger, PricedCall } from './oracle-ledger.ts'
import { isOverage, subjectsIn } from './overage.ts'
import { DAY, dayOf, daysBefore, isWithin, type Span, within } from './windows.ts'

const REACH = 30 * DAY
const YEAR = 365

export interface Conversions {
  readonly events: number
  readonly conversions: number
}

interface Question {
  readonly ledger: OracleLedger
  readonly calls: readonly PricedCall[]
  readonly tiers: ReadonlyMap<string, TierFact>
  readonly asOf: number
}

/** Whole UTC days: a renewal has a date and no time. */
const renewalDays = (asOf: number): Span => {
  const { from, to } = daysBefore(asOf, 30, 30)
  return { from: dayOf(from), to: dayOf(to) }
}

/** Workspaces whose renewal lies 60 to 30 days back and that were metered in the year before it. */
const renewals = ({ ledger, calls, tiers, asOf }: Question): Conversions => {
  const facts = tenantFacts(ledger.facts, asOf)
  const metered = calls.filter((call) => isOverage(call, tiers) && subjectOf(call, tiers) !== undefined)
  const due = [...Map.groupBy(metered, ({ row }) => row.tenant)].flatMap(([tenant, own]) => {
    const date = facts.get(tenant)?.renewal_date
    if (date == null || !isWithin(date * DAY, renewalDays(asOf))) return []
    return within(own, daysBefore(date * DAY, YEAR)).length > 0 ? [{ tenant, at: date * DAY }] : []
  })
  const expanded = due.filter((renewal) =>
    ledger.facts.planEvents.some(
      ({ tenant, kind, at }) =>
        tenant === renewal.tenant &&
        kind === 'expansion' &&
        Math.floor(at / DAY) * DAY >= renewal.at - REACH &&
        Math.floor(at / DAY) * DAY <= renewal.at + REACH,
    ),
  )
  return { events: due.length, conversions: expanded.length }
}

/** Subjects with a first overage call 60 to 30 days back, and those of them that were upgraded within 30 days of it. */
const upgrades = ({ ledger, calls, tiers, asOf }: Question): Conversions => {
  const over = within(calls, daysBefore(asOf, 30, 30)).filter((call) => isOverage(call, tiers))
  const subjects = [...subjectsIn(over, tiers).values()].map((own) => {
    const first = Math.min(...own.map(({ slot }) => slot))
    const { tenant = '', user = '', tier = '' } = own[0]?.row ?? {}
    return { tenant, user: tiers.get(tier)?.scope === 'user' ? user : '', first }
  })
  const upgraded = subjects.filter((subject) =>
    ledger.facts.planEvents.some(
      ({ tenant, user, kind, at }) =>
        tenant === subject.tenant &&
        (user === subject.user || user === '') &&
        kind === 'upgrade' &&
        at > subject.first &&
        at <= subject.first + REACH,
    ),
  )
  return { events: subjects.length, conversions: upgraded.length }
}

/** Of one tier; `calls` are all of its calls. */
export const conversionsOf = (pattern: string, question: Question): Conversions =>
  pattern === 'payg' ? renewals(question) : upgrades(question)
