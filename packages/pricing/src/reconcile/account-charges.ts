/** Charges to the account: matched to the provider's lines by their words, never spread over calls (spec: pricing §15). */
import type { Finding } from '#src/reconcile/finding.ts'
import type { LedgerCharge } from '#src/reconcile/ledger-side.ts'
import type { CostLine } from '#src/reconcile/provider-export.ts'
import { CENT, magnitudeOf, type QuectoUsd, quectoOf } from '#src/reconcile/quecto-usd.ts'

export interface AccountLine {
  /** A day, or a month for a monthly charge. */
  readonly period: string
  readonly label: string
  readonly theirs: QuectoUsd
  readonly ours: QuectoUsd
  readonly findings: readonly Finding[]
}

interface Match {
  readonly period: string
  readonly label: string
  readonly kind: CostLine['kind']
  readonly model: string | null
  theirs: QuectoUsd
  ours: QuectoUsd
  lines: number
  booked: boolean
}

const kindOf = ({ kind }: CostLine): LedgerCharge['kind'] => (kind === 'usage' ? 'account' : kind)

const findingOf = (match: Match, seen: ReadonlySet<string>): Finding[] => {
  const amount = match.theirs - match.ours
  if (amount === 0n) return []
  const { period: day, model, kind, label } = match
  const base = { day, model, tier: null, meter: null, units: null, amount, rows: [label] }
  if (kind === 'credit' || kind === 'tax' || kind === 'free_allowance') {
    return [{ ...base, part: 'price', cause: kind, check: match.booked ? '' : 'enter it as an account charge' }]
  }
  const rounded = match.booked && match.lines > 0 && magnitudeOf(amount) <= CENT * BigInt(match.lines)
  if (rounded) return [{ ...base, part: 'price', cause: 'rounding', check: '' }]
  if (kind === 'usage' && model !== null && !seen.has(`${day} ${model}`)) {
    return [{ ...base, part: 'quantity', cause: 'not_instrumented', check: 'instrument the callers of this model' }]
  }
  const check =
    match.lines === 0
      ? 'look for the line in the provider’s costs'
      : 'enter the charge, or export the usage it pays for'
  return [{ ...base, part: kind === 'usage' ? 'quantity' : 'price', cause: 'unexplained', check }]
}

/** One line per charge of either side; a charge of a month takes all lines of the month with its words. */
export const matchCharges = (
  lines: readonly CostLine[],
  charges: readonly LedgerCharge[],
  seen: ReadonlySet<string>,
): AccountLine[] => {
  const matches = new Map<string, Match>()
  const matchOf = (
    period: string,
    kind: string,
    label: string,
    model: string | null,
    shape: CostLine['kind'],
  ): Match => {
    const key = `${period} ${kind} ${label.trim().toLowerCase()}`
    const match = matches.get(key) ?? {
      period,
      label,
      kind: shape,
      model,
      theirs: 0n,
      ours: 0n,
      lines: 0,
      booked: false,
    }
    matches.set(key, match)
    return match
  }
  for (const { period, kind, label, amount } of charges) {
    const match = matchOf(period, kind, label, null, kind)
    match.ours += quectoOf(amount)
    match.booked = true
  }
  for (const line of lines) {
    const key = ` ${kindOf(line)} ${line.label.trim().toLowerCase()}`
    const period = [line.day, line.day.slice(0, 7)].find(
      (candidate) => matches.get(`${candidate}${key}`)?.booked === true,
    )
    const match = matchOf(period ?? line.day, kindOf(line), line.label, line.model, line.kind)
    match.theirs += line.amount
    match.lines += 1
  }
  return [...matches.values()].map((match) => {
    const { period, label, theirs, ours } = match
    return { period, label, theirs, ours, findings: findingOf(match, seen) }
  })
}
