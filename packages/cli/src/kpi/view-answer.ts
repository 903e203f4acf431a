/** What a view answers, with all that says what it means: the one value behind table, JSON, CSV and Markdown. */
import {
  type ClickHouseClient,
  type KpiArguments,
  type KpiViewName,
  kpiStatement,
  kpiViewOf,
  queryKpi,
  VIEW_PARAMETERS,
  type ViewColumn,
  type ViewParameter,
} from '@outlay/clickhouse'
import type { Figure } from './format-figure.ts'

export interface NamedColumn extends ViewColumn {
  readonly name: string
}

export interface ViewAnswer {
  readonly view: KpiViewName
  readonly question: string
  readonly database: string
  /** Every parameter of the view; times as ISO 8601. */
  readonly arguments: Readonly<Record<string, string | number | readonly string[]>>
  readonly columns: readonly NamedColumn[]
  readonly rows: readonly Readonly<Record<string, Figure>>[]
}

const MS_PER_SECOND = 1_000

export const isoOf = (seconds: number): string => new Date(seconds * MS_PER_SECOND).toISOString().replace('.000Z', 'Z')

const shownArguments = (bound: Readonly<Record<string, unknown>>): ViewAnswer['arguments'] =>
  Object.fromEntries(
    Object.entries(bound).map(([parameter, value]) => [
      parameter,
      VIEW_PARAMETERS[parameter as ViewParameter].startsWith('DateTime')
        ? isoOf(Number(value))
        : (value as string | number | readonly string[]),
    ]),
  )

export const columnsOf = (name: KpiViewName): readonly NamedColumn[] =>
  Object.entries(kpiViewOf(name).columns).map(([column, definition]) => ({ name: column, ...definition }))

export const askView = async (
  client: ClickHouseClient,
  question: { readonly database: string; readonly name: KpiViewName; readonly args: KpiArguments },
): Promise<ViewAnswer> => {
  const { database, name, args } = question
  return {
    view: name,
    question: kpiViewOf(name).question,
    database,
    arguments: shownArguments(kpiStatement(database, name, args).query_params),
    columns: columnsOf(name),
    rows: await queryKpi<Record<string, Figure>>(client, database, name, args),
  }
}
