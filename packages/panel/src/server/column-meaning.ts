/**
 * What a column of a view is, from the view registry: its unit, its definition, and the word for its NULL. Only the label
 * is made here, from the name.
 */
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import type { Cell, Column, TableRow, Unit } from '#src/shared/answers.ts'

type RegisteredUnit = ReturnType<typeof kpiViewOf>['columns'][string]['unit']

/** How the pages show what the registry says: ratios that are read as percent, and multiples that are not. */
const UNITS: Readonly<Record<RegisteredUnit, Unit>> = {
  text: 'text',
  count: 'count',
  tokens: 'tokens',
  usd: 'usd',
  money: 'amount',
  share: 'share',
  ratio: 'share',
  factor: 'ratio',
  verdict: 'verdict',
  date: 'date',
  time: 'instant',
  seconds: 'seconds',
  flag: 'flag',
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

/** Fails on a column that the registry does not have: the view and its definition would have drifted apart. */
export const describeColumn = (view: KpiViewName, name: string): Column => {
  const column = kpiViewOf(view).columns[name]
  if (column === undefined) throw new Error(`BUG: the registry has no column ${name} of ${view}`)
  const { unit, comment, empty } = column
  return { name, label: labelOf(name), unit: UNITS[unit], description: comment, empty: empty ?? 'no data' }
}

const NO_PRICE = 'no price'
const NO_DATA = 'no data'

/** The word for a NULL in this row: without calls that lack a price, it is data that is missing. */
export const nullReasonOf = ({ empty }: Pick<Column, 'empty'>, row: Readonly<Record<string, unknown>>): string =>
  empty === NO_PRICE && row['unpriced_calls'] === '0' ? NO_DATA : empty

/** A row with the reason for each of its NULLs. */
export const explainNulls = (columns: readonly Column[], cells: Readonly<Record<string, Cell>>): TableRow => ({
  cells,
  reasons: Object.fromEntries(
    columns.filter(({ name }) => cells[name] === null).map((column) => [column.name, nullReasonOf(column, cells)]),
  ),
})
