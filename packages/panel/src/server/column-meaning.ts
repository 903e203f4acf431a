/**
 * What a column of a view is: its unit, its label, and the word for its NULL. Derived from the naming conventions of the
 * views and the type in the answer's header; the one place to replace when the view registry says it per column.
 */
import type { Cell, Column, NullReason, TableRow, Unit } from '#src/shared/answers.ts'

/** A column as the header of an answer names it. */
export interface HeaderColumn {
  readonly name: string
  readonly type: string
}

/** First match wins. */
const UNIT_RULES: readonly { readonly name?: RegExp; readonly type?: RegExp; readonly unit: Unit }[] = [
  { name: /(^|_)band$/, unit: 'verdict' },
  { type: /^DateTime/, unit: 'instant' },
  { type: /^Date/, unit: 'date' },
  { name: /_usd$|^cost_per_/, type: /^Decimal/, unit: 'usd' },
  { type: /^Decimal/, unit: 'amount' },
  { type: /String|Enum|UUID/, unit: 'text' },
  { name: /tokens|^used$|_cap$|^projected$/, unit: 'tokens' },
  { name: /_s$|_seconds$/, unit: 'seconds' },
  { type: /^U?Int/, unit: 'count' },
  // Multiples of another figure, shown as they are.
  { name: /^(baseline|active_user)_ratio$|_over_|^gini$|efficiency$|_factor$/, unit: 'ratio' },
  {
    name: /(^|_)(share|rate|ratio|overhead|utilization|margin|drift|shift|delta)$|^cost_to_|^(top|p)\d+$|_p\d+$/,
    type: /^Float/,
    unit: 'share',
  },
  { type: /^Float/, unit: 'ratio' },
]

const bareType = (type: string): string => /^(?:LowCardinality|Nullable)\((.*)\)$/.exec(type)?.[1] ?? type

const unitOf = ({ name, type }: HeaderColumn): Unit => {
  const bare = bareType(bareType(type))
  const rule = UNIT_RULES.find(
    (candidate) => (candidate.name?.test(name) ?? true) && (candidate.type?.test(bare) ?? true),
  )
  return rule?.unit ?? 'text'
}

const UNIT_WORDS: Readonly<Record<Unit, string>> = {
  usd: 'US dollars, exact; “no price” where nothing is priced',
  amount: 'exact amount in the currency of its row',
  share: 'share, in percent',
  ratio: 'ratio',
  count: 'count',
  tokens: 'tokens',
  seconds: 'seconds',
  verdict: 'verdict of the figure beside it',
  date: 'day, UTC',
  instant: 'time, UTC',
  text: '',
}

/** Words of names that are written in another way; the unit is shown with the figure and not repeated. */
const WORDS: Readonly<Record<string, string>> = {
  arr: 'ARR',
  avg: 'average',
  band: 'verdict',
  max: 'highest',
  month: 'month to date',
  s: '',
  usd: '',
}

/** `cost_per_task_p50` → `Cost per task, p50`. */
export const labelOf = (name: string): string => {
  const words = name.split('_').map((word) => WORDS[word] ?? word)
  const text = words
    .filter((word) => word !== '')
    .join(' ')
    .replace(/ (p\d+)/g, ', $1')
    .replace(/\btop(\d)/, 'top $1')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export const describeColumn = (column: HeaderColumn): Column => {
  const unit = unitOf(column)
  return { name: column.name, label: labelOf(column.name), unit, description: UNIT_WORDS[unit] }
}

const NEEDS_REVENUE = /revenue|gross_margin|^ratio$/
const MONEY: ReadonlySet<Unit> = new Set(['usd', 'amount'])

/** Where nothing was priced although there were calls, money has no price; without calls there is no data. */
const lacksPrice = (row: Readonly<Record<string, unknown>>): boolean => Number(row['unpriced_calls'] ?? 0) > 0

/** The word for a NULL in this row. */
export const nullReasonOf = (
  { name, unit }: Pick<Column, 'name' | 'unit'>,
  row: Readonly<Record<string, unknown>>,
): NullReason => {
  if (NEEDS_REVENUE.test(name)) return row['priced_share'] === null ? 'no data' : 'no revenue'
  if (MONEY.has(unit)) return lacksPrice(row) ? 'no price' : 'no data'
  return unit === 'date' || unit === 'instant' ? 'none' : 'no data'
}

/** A row with the reason for each of its NULLs. */
export const explainNulls = (columns: readonly Column[], cells: Readonly<Record<string, Cell>>): TableRow => ({
  cells,
  reasons: Object.fromEntries(
    columns.filter(({ name }) => cells[name] === null).map((column) => [column.name, nullReasonOf(column, cells)]),
  ),
})
