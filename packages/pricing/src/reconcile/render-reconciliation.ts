/** A reconciliation as plain text: the verdict, where the difference went, what is left, and what to do next. */
import type { Cause, Finding } from '#src/reconcile/finding.ts'
import { displayQuecto, type QuectoUsd } from '#src/reconcile/quecto-usd.ts'
import type { Reconciliation } from '#src/reconcile/reconciliation.ts'

type Row = readonly string[]

/** The last column is free text; numbers are at the right of theirs. */
const table = (header: Row, rows: readonly Row[]): string[] => {
  const widths = header.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const numeric = header.map(
    (_, index) => rows.length > 0 && rows.every((row) => /^[-+$\d.,%]*$/.test(row[index] ?? '')),
  )
  return [header, ...rows].map((row) =>
    row
      .map((cell, index) => (numeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

const signed = (amount: QuectoUsd): string => (amount > 0n ? `+${displayQuecto(amount)}` : displayQuecto(amount))

const PERCENT_STEPS = 10_000n

const share = (part: QuectoUsd, whole: QuectoUsd): string => {
  if (whole <= 0n) return part === 0n ? '0.00%' : 'no use billed'
  const hundredths = (part * PERCENT_STEPS) / whole
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}%`
}

const causeRows = (result: Reconciliation): Row[] =>
  (Object.entries(result.totals.byCause) as [Cause, QuectoUsd][])
    .map(([cause, amount]) => ({
      cause,
      amount,
      count: result.findings.filter((finding) => finding.cause === cause).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ cause, amount, count }) => [cause, signed(amount), String(count)])

const findingRow = ({ cause, part, day, model, tier, meter, units, amount, rows, check }: Finding): Row => [
  day,
  model ?? '(account)',
  tier ?? '',
  meter ?? '',
  part,
  cause,
  units === null ? '' : String(units),
  signed(amount),
  [rows.join('; '), check === '' ? '' : `-> ${check}`].filter((text) => text !== '').join(' '),
]

const FINDING_HEADER: Row = ['day', 'model', 'tier', 'meter', 'part', 'cause', 'units', 'usd', 'about']

/** Lists at most `findingsMax` explained findings; what is unexplained is always listed in full. Ends with a newline. */
export const renderReconciliation = (result: Reconciliation, findingsMax = 20): string => {
  const { provider, from, to, totals, goalPermille } = result
  const explained = result.findings.filter(({ cause }) => cause !== 'unexplained')
  const hidden = explained.length - findingsMax
  const goal = `${goalPermille / 10}%`
  const lines = [
    `Reconciliation with ${provider}, ${from} to ${to} (UTC)`,
    '',
    ...table(
      ['', 'usd'],
      [
        ['their figures', displayQuecto(totals.theirs)],
        ['our figures', displayQuecto(totals.ours)],
        ['difference', signed(totals.difference)],
        ['  by quantity', signed(totals.quantity)],
        ['  by price and charges', signed(totals.price)],
        ['  unexplained', signed(totals.unexplained)],
      ],
    ),
    '',
    ...table(
      ['month', 'billed', 'unexplained', 'share', `goal ${goal}`],
      result.months.map(({ month, billed, unexplained, withinGoal }) => [
        month,
        displayQuecto(billed),
        displayQuecto(unexplained),
        share(unexplained, billed),
        withinGoal ? 'met' : 'MISSED',
      ]),
    ),
    ...(result.findings.length === 0
      ? ['', 'Both sides agree to the last unit.']
      : ['', ...table(['cause', 'usd', 'findings'], causeRows(result))]),
    ...(result.unexplained.length === 0
      ? []
      : ['', 'Unexplained, largest first', ...table(FINDING_HEADER, result.unexplained.map(findingRow))]),
    ...(explained.length === 0
      ? []
      : ['', 'Explained, largest first', ...table(FINDING_HEADER, explained.slice(0, findingsMax).map(findingRow))]),
    ...(hidden > 0 ? [`… and ${hidden} more; the JSON has all of them`] : []),
    ...(result.notes.length === 0
      ? []
      : [
          '',
          'Notes',
          ...result.notes.map(({ file, what, times }) => `${file}: ${what}${times > 1 ? ` (${times} times)` : ''}`),
        ]),
  ]
  return `${lines.join('\n')}\n`
}
