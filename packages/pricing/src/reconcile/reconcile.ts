/** Our ledger against the provider's own figures, with every difference split exactly and named (spec: pricing §15). */
import { assert } from '@outlay/core'
import { matchCharges } from '#src/reconcile/account-charges.ts'
import { compareMoney } from '#src/reconcile/compare-money.ts'
import type { ExportNote } from '#src/reconcile/export-findings.ts'
import { type Cause, type Finding, PRICE_CAUSES, QUANTITY_CAUSES } from '#src/reconcile/finding.ts'
import type { LedgerSide, ReconcileOptions } from '#src/reconcile/ledger-side.ts'
import { groupMoney } from '#src/reconcile/money-groups.ts'
import type { Allowance } from '#src/reconcile/price-causes.ts'
import type { ProviderExport } from '#src/reconcile/provider-export.ts'
import { explainQuantities } from '#src/reconcile/quantity-causes.ts'
import { type JoinedLines, joinLines } from '#src/reconcile/quantity-lines.ts'
import { magnitudeOf, type QuectoUsd, quectoOf } from '#src/reconcile/quecto-usd.ts'
import type { ComparedMoney, MonthResult, Reconciliation, Totals } from '#src/reconcile/reconciliation.ts'

export interface ReconcileInput {
  readonly theirs: ProviderExport
  readonly ours: LedgerSide
  readonly options?: ReconcileOptions
}

const GOAL_PERMILLE = 5

const sum = (amounts: readonly QuectoUsd[]): QuectoUsd => amounts.reduce((total, amount) => total + amount, 0n)

const totalsOf = (theirs: QuectoUsd, ours: QuectoUsd, findings: readonly Finding[]): Totals => {
  const amountOf = (wanted: (finding: Finding) => boolean): QuectoUsd =>
    sum(findings.filter(wanted).map(({ amount }) => amount))
  const causes: readonly Cause[] = [...QUANTITY_CAUSES, ...PRICE_CAUSES, 'unexplained']
  const byCause = Object.fromEntries(
    causes.map((cause) => [cause, amountOf((finding) => finding.cause === cause)]),
  ) as Record<Cause, QuectoUsd>
  const totals = {
    theirs,
    ours,
    difference: theirs - ours,
    quantity: amountOf(({ part, cause }) => part === 'quantity' && cause !== 'unexplained'),
    price: amountOf(({ part, cause }) => part === 'price' && cause !== 'unexplained'),
    unexplained: byCause.unexplained,
    byCause,
  }
  assert(
    totals.quantity + totals.price + totals.unexplained === totals.difference,
    'the parts of a reconciliation do not add up to its difference',
  )
  return totals
}

const monthsOf = (
  billedByDay: readonly { readonly day: string; readonly amount: QuectoUsd }[],
  unexplained: readonly Finding[],
  goalPermille: number,
): MonthResult[] => {
  const monthOf = (day: string): string => day.slice(0, 7)
  const months = [...new Set([...billedByDay, ...unexplained].map(({ day }) => monthOf(day)))].toSorted()
  return months.map((month) => {
    const billed = sum(billedByDay.filter(({ day }) => monthOf(day) === month).map(({ amount }) => amount))
    const open = sum(unexplained.filter(({ day }) => monthOf(day) === month).map(({ amount }) => magnitudeOf(amount)))
    return { month, billed, unexplained: open, withinGoal: open * 1000n <= billed * BigInt(goalPermille) }
  })
}

/** What was left out of the money, so that nobody takes a total for complete. */
const coverageNotes = (
  { usageDays, costDays }: ProviderExport,
  { outside }: JoinedLines,
  money: readonly ComparedMoney[],
): ExportNote[] => {
  const priceless = money.flatMap(({ charged, quantities }) =>
    charged ? [] : quantities.filter(({ price, theirs }) => price === null && theirs !== 0n),
  ).length
  const uncosted = [...usageDays.keys()].filter((day) => !costDays.has(day)).length
  const uncounted = [...costDays].filter((day) => !usageDays.has(day)).length
  const counted = [
    [uncosted, 'day with usage but without costs: its money is theirs at our prices'],
    [uncounted, 'day with costs but without usage: quantities are taken to be equal where no line tells them'],
    [outside, 'ledger row of a day without an export left out'],
    [priceless, 'quantity without a price on either side: its money is not compared'],
  ] as const
  return counted.filter(([times]) => times > 0).map(([times, what]) => ({ file: 'coverage', what, times }))
}

const allowancesOf = ({ charges = [] }: LedgerSide): Allowance[] =>
  charges.flatMap(({ model, kind, period, label, amount }) =>
    model !== undefined && (kind === 'free_allowance' || kind === 'credit')
      ? [{ cause: kind, period, model, label, left: quectoOf(amount) }]
      : [],
  )

const bySize = (a: Finding, b: Finding): number => {
  const [sizeA, sizeB] = [magnitudeOf(a.amount), magnitudeOf(b.amount)]
  if (sizeA !== sizeB) return sizeA < sizeB ? 1 : -1
  return `${a.day} ${a.model} ${a.meter}` < `${b.day} ${b.model} ${b.meter}` ? -1 : 1
}

/**
 * Compares what the provider says with what the ledger says, by UTC day × model × tier × meter, on the days that the
 * exports cover. Amounts are exact (`QuectoUsd`): totals.quantity + totals.price + totals.unexplained =
 * totals.difference. Ledger rows of other days are left out and counted in `notes`. Never fails on differences; the
 * caller exits 1 when `withinGoal` is false.
 */
export const reconcile = ({ theirs, ours, options = {} }: ReconcileInput): Reconciliation => {
  const goalPermille = options.goalPermille ?? GOAL_PERMILLE
  const joined = joinLines(theirs, ours, options)
  explainQuantities(joined)
  const grouped = groupMoney(joined.lines, theirs, options)
  const facts = { prices: options.knownPrices ?? [], allowances: allowancesOf(ours) }
  const money = grouped.groups.map((group) => compareMoney(group, facts))
  const days = [...new Set([...theirs.usageDays.keys(), ...theirs.costDays])].toSorted()
  const months = new Set([...theirs.costDays].map((day) => day.slice(0, 7)))
  const charges = (ours.charges ?? []).filter(
    ({ model, period }) =>
      model === undefined && (period.length === 7 ? months.has(period) : theirs.costDays.has(period)),
  )
  const account = matchCharges(grouped.account, charges, joined.seen)
  const findings = [...money, ...account].flatMap((line) => line.findings).toSorted(bySize)
  const unexplained = findings.filter(({ cause }) => cause === 'unexplained')
  const billed = [
    ...money.map(({ day, theirs: amount }) => ({ day, amount })),
    ...grouped.account.filter(({ kind }) => kind === 'usage' || kind === 'account'),
  ]
  const results = monthsOf(billed, unexplained, goalPermille)
  return {
    provider: theirs.provider,
    from: days[0] ?? '',
    to: days.at(-1) ?? '',
    totals: totalsOf(
      sum([...money, ...account].map((line) => line.theirs)),
      sum([...money, ...account].map((line) => line.ours)),
      findings,
    ),
    money,
    account,
    findings,
    unexplained,
    months: results,
    goalPermille,
    withinGoal: results.every(({ withinGoal }) => withinGoal),
    notes: [...theirs.notes, ...coverageNotes(theirs, joined, money)],
  }
}
