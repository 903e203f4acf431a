/** Runs dashboard queries as the data source would: variables and macros replaced, SQL in a POST body, Basic auth. */
import {
  buildDashboards,
  collectQueries,
  type DashboardQuery,
  type MacroContext,
  OPENING_VALUES,
  renderQuery,
  type VariableValues,
} from '@outlay/dashboards'
import type { TestLedger } from '../harness/test-ledger.ts'

export type Cell = string | number | null

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly Cell[])[]
}

/** The time range of the page. */
export const WINDOW: MacroContext = {
  fromMs: Date.parse('2026-10-13T00:00:00Z'),
  toMs: Date.parse('2026-10-20T00:00:00Z'),
  intervalMs: 3_600_000,
}

export const allQueries = (): readonly DashboardQuery[] => buildDashboards().flatMap(collectQueries)

export const queryNamed = (name: string): DashboardQuery => {
  const query = allQueries().find((candidate) => candidate.name === name)
  if (!query) throw new Error(`no query named ${name}`)
  return query
}

interface Run {
  readonly ledger: TestLedger
  readonly database: string
  readonly values?: VariableValues
  /** Settings that only a trusted user may send: given, the query runs as the migrator instead of the reader. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Money stays decimal text, so that cents can be compared. */
const FORMAT = { default_format: 'JSONCompact', output_format_json_quote_decimals: '1' }

export const runQuery = async (query: DashboardQuery, run: Run): Promise<QueryResult> => {
  const { ledger, database, values = {}, settings } = run
  const { reader, migrator } = ledger.engine.credentials
  const { username, password } = settings === undefined ? reader : migrator
  const sql = renderQuery(query.rawSql, { ...OPENING_VALUES, ...values, database: [database] }, WINDOW)
  const response = await fetch(`${ledger.engine.url}/?${new URLSearchParams({ ...FORMAT, ...settings }).toString()}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    body: sql,
  })
  const body = await response.text()
  if (!response.ok) throw new Error(`${query.name}: ${body}\n${sql}`)
  const { meta, data } = JSON.parse(body) as { meta: QueryResult['columns']; data: QueryResult['rows'] }
  return { columns: meta, rows: data }
}

/** Names that the select list promises. */
export const columnsOf = ({ rawSql }: DashboardQuery): readonly string[] =>
  (/^SELECT (?:DISTINCT )?(.+?) FROM /.exec(rawSql)?.[1] ?? '')
    .split(/,\s*/)
    .map((column) => column.split(' AS ').at(-1) ?? '')
    .map((column) => (column.includes(')') ? column.slice(column.lastIndexOf(' ') + 1) : column))

/** The one row of a result, by column. */
export const onlyRow = ({ columns, rows }: QueryResult): Readonly<Record<string, Cell | undefined>> => {
  if (rows.length !== 1) throw new Error(`${rows.length} rows where one was expected`)
  return Object.fromEntries(columns.map(({ name }, index) => [name, rows[0]?.[index]]))
}

/** The values of one column. */
export const column = ({ columns, rows }: QueryResult, name: string): readonly Cell[] => {
  const index = columns.findIndex((candidate) => candidate.name === name)
  return rows.map((row) => row[index] ?? null)
}
