/** What can be asked, from the registry alone: `outlay kpi --list` and `outlay kpi NAME --describe`. */
import { KPI_VIEWS, type KpiViewName, kpiViewOf, PARAMETER_DEFINITIONS } from '@outlay/clickhouse'
import { typedNameOf } from './view-name.ts'
import { renderTextTable, type TextColumn } from './text-table.ts'
import { columnsOf, type NamedColumn } from './view-answer.ts'
import { flagsText } from './view-flags.ts'

/** A definition stays readable on a narrow terminal. */
const COMMENT_CHARACTERS_MIN = 30
/** Between three columns. */
const GAPS = 4

export interface DescribedView {
  /** What to type: `outlay kpi task-cost`. */
  readonly name: string
  readonly view: KpiViewName
  readonly question: string
  readonly by: readonly string[]
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly comment: string }[]
  readonly columns: readonly NamedColumn[]
}

export const describeView = (name: KpiViewName): DescribedView => {
  const { question, by, parameters } = kpiViewOf(name)
  return {
    name: typedNameOf(name),
    view: name,
    question,
    by,
    parameters: parameters.map((parameter) => ({ name: parameter, ...PARAMETER_DEFINITIONS[parameter] })),
    columns: columnsOf(name),
  }
}

export const describeAllViews = (): readonly DescribedView[] => KPI_VIEWS.map(({ name }) => describeView(name))

const columnText = ({ comment, empty, band }: NamedColumn): string =>
  [comment, ...(empty === undefined ? [] : [`NULL: ${empty}`]), ...(band === undefined ? [] : [`band ${band}`])].join(
    '. ',
  )

export const renderDescription = (described: DescribedView, width: number): string => {
  const { name, view, question, columns } = described
  const rows = columns.map((column) => [column.name, column.unit, columnText(column)])
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length))
  const beside = widest(columns.map((column) => column.name)) + widest(columns.map(({ unit }) => unit))
  const names: readonly TextColumn[] = [
    { name: 'column', align: 'left', leads: true },
    { name: 'unit', align: 'left', leads: true },
    { name: 'what it is', align: 'left', charactersMax: Math.max(COMMENT_CHARACTERS_MIN, width - beside - GAPS) },
  ]
  return [
    `outlay kpi ${name} · view ${view}`,
    question,
    `Takes ${flagsText(kpiViewOf(view))}`,
    '',
    renderTextTable(names, rows, width),
    '',
  ].join('\n')
}

export const renderList = (views: readonly DescribedView[]): string => {
  const width = Math.max(...views.map(({ name }) => name.length))
  return `${views.map(({ name, question }) => `${name.padEnd(width)}  ${question}`).join('\n')}\n`
}
