/** What a change of the price book came to, for a person. */
import type { BookChangeResult } from './change-book.ts'

const SHOWN_LINES = 200

/** As many lines as a person reads; the rest is counted, and `--json` has it. */
export const shownLines = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHOWN_LINES
    ? lines
    : [...lines.slice(0, SHOWN_LINES), `… and ${lines.length - SHOWN_LINES} more; --json has all of them`]

const verdictOf = ({ outcome, revision, problems }: BookChangeResult): string => {
  if (outcome === 'unchanged') return 'The book says this already; nothing to do.'
  if (outcome === 'refused') return `Refused for ${problems.length} reason(s). Nothing was changed.`
  if (outcome === 'applied') return `Applied as revision ${revision ?? 0}; every view prices with it.`
  return [
    'Staged as the book "staged"; nothing is applied.',
    '  what it would cost:  outlay prices diff current staged --impact',
    '  apply it:            the same command with --apply --reason "…"',
  ].join('\n')
}

/** The differences, what would change in the past, what is refused and why, and the verdict at the end. */
export const renderChange = (result: BookChangeResult, notes: readonly string[] = []): string => {
  const { problems, past, changes } = result
  const refused = problems.map(
    ({ code, where, what, fix }) => `${code} ${where}: ${what}${fix === undefined ? '' : `. ${fix}`}`,
  )
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${title} (${lines.length})`, ...shownLines(lines).map((line) => `  ${line}`)]
  return [
    ...section('Notes', notes),
    ...section('Changes', changes),
    ...section('Of these, in the past', past),
    ...section('Refused', refused),
    verdictOf(result),
  ].join('\n')
}

/** The same as one JSON object: docs/reference/cli/prices-change.schema.json. */
export const changeJson = (result: BookChangeResult, notes: readonly string[] = []): string =>
  JSON.stringify({ ...result, notes }, null, 2)
