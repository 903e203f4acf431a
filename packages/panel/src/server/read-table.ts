/** The page of one view: its rows and columns, and what it can be grouped and filtered by. */
import type { ClickHouseClient, KpiArguments, KpiViewName } from '@outlay/clickhouse'
import { kpiViewOf } from '@outlay/clickhouse'
import type { Cell, Column, KpiTable } from '#src/shared/answers.ts'
import { compareCells } from '#src/shared/compare-cells.ts'
import { askTable } from './ask-ledger.ts'
import { describeColumn, explainNulls, labelOf } from './column-meaning.ts'
import type { ViewQuestion } from './question.ts'
import { type AskedWindow, windowOf } from './asked-window.ts'
import { filtersOf, groupingsOf, isCalendarView, type PagedView, relatedPages } from './view-pages.ts'

/** All rows of a view that cuts itself: what a page cannot show is counted instead of lost. */
const TOP_ALL = 2 ** 32 - 1
const EVERYTHING: readonly string[] = ['*']
const SECONDS_PER_HOUR = 3_600
const SECONDS_PER_DAY = 86_400
/** Days, or hours where the window holds few of them. */
const stepOf = (seconds: number): number => (seconds > 3 * SECONDS_PER_DAY ? SECONDS_PER_DAY : SECONDS_PER_HOUR)
/** A single task is worth a look from this multiple of what its type usually costs: the band `task_instance`. */
const OUTLIER_RATIO = 3

/** Money that was spent, before money that was earned or agreed on. */
const SPENT = /^(cost|month|spend)_usd$/
const RANKING_UNITS = ['usd', 'amount', 'tokens', 'count'] as const

/** Arguments of a view from a question; a calendar view looks at the end of the window. */
const argumentsOf = (
  view: KpiViewName,
  { by, filters }: ViewQuestion,
  { from, to, book }: AskedWindow,
): KpiArguments => {
  const everything = Object.fromEntries(filtersOf(view).map((filter) => [filter, EVERYTHING]))
  const given: KpiArguments = {
    from_time: from,
    to_time: to,
    as_of: to,
    step: stepOf(to - from),
    by,
    top: TOP_ALL,
    min_ratio: OUTLIER_RATIO,
    book,
    currency: 'USD',
    ...everything,
    ...filters,
  }
  const { parameters } = kpiViewOf(view)
  return Object.fromEntries(
    parameters.flatMap((parameter) => (given[parameter] === undefined ? [] : [[parameter, given[parameter]]])),
  )
}

/** The column by which rows stand, highest first: time where rows are days, then money, then quantities. */
const rankingColumn = (columns: readonly Column[]): string | undefined =>
  columns.find(({ name }) => name === 'day' || name === 'time')?.name ??
  columns.find(({ name, unit }) => unit === 'usd' && SPENT.test(name))?.name ??
  RANKING_UNITS.flatMap((wanted) => columns.filter(({ unit }) => unit === wanted))[0]?.name

const ordersItself = (view: KpiViewName): boolean => kpiViewOf(view).parameters.includes('top')

/** Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readKpiTable = async (
  client: ClickHouseClient,
  paged: PagedView,
  question: ViewQuestion,
  asked: AskedWindow,
): Promise<KpiTable> => {
  const { view, page } = paged
  const table = await askTable(client, asked.database, {
    view,
    args: argumentsOf(view, question, asked),
    order: (columns) =>
      ordersItself(view) ? undefined : rankingColumn(columns.map(({ name }) => describeColumn(view, name))),
  })
  const columns = table.columns.map((column) => nameKey(describeColumn(view, column.name), question.by))
  const rankedBy = ordersItself(view) ? undefined : rankingColumn(columns)
  return {
    ...windowOf(asked),
    page,
    related: relatedPages(paged),
    calendar: isCalendarView(view),
    by: question.by,
    by_choices: groupingsOf(view),
    filters: Object.fromEntries(filtersOf(view).map((filter) => [filter, question.filters[filter] ?? []])),
    columns,
    rows: ranked(table.rows, columns, rankedBy).map((cells) => explainNulls(columns, cells)),
    rows_total: table.total,
    rows_by: rankedBy ?? '',
  }
}

/** What a row stands for is what the rows were grouped by. */
const nameKey = (column: Column, by: string): Column =>
  column.name === 'key' && by !== '' ? { ...column, label: labelOf(by) } : column

type Cells = Readonly<Record<string, Cell>>

const ranked = (rows: readonly Cells[], columns: readonly Column[], name: string | undefined): readonly Cells[] => {
  const column = columns.find((candidate) => candidate.name === name)
  if (column === undefined) return rows
  return rows.toSorted((a, b) =>
    compareCells(column.unit, a[column.name] ?? null, b[column.name] ?? null, 'descending'),
  )
}
