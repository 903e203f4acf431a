import type { ClickHouseClient } from '@clickhouse/client'
import { assert, OutlayError } from '@outlay/core'
import { CURRENT_BOOK } from '#src/prices/stored-books.ts'
import { assertIdentifier } from '#src/schema/render-sql.ts'
import { type KpiViewName, kpiViewOf, VIEW_PARAMETERS, type ViewParameter } from './view-registry.ts'

/** Arguments of a view. Times are Unix seconds; a filter that is left out selects everything, and `by` the first grouping. */
export type KpiArguments = { readonly [parameter in ViewParameter]?: string | number | readonly string[] }

const EVERYTHING = ['*']
const SECONDS_PER_DAY = 86_400
const DEFAULTS: KpiArguments = {
  top: 1_000,
  step: SECONDS_PER_DAY,
  min_ratio: 3,
  tenants: EVERYTHING,
  features: EVERYTHING,
  tiers: EVERYTHING,
  workloads: EVERYTHING,
  models: EVERYTHING,
  environments: EVERYTHING,
  book: CURRENT_BOOK,
  currency: 'USD',
}

/** The SQL of one view call with bound parameters: the only way that product code calls a view. */
export const kpiStatement = (
  database: string,
  name: KpiViewName,
  args: KpiArguments,
): { readonly query: string; readonly query_params: Record<string, unknown> } => {
  assertIdentifier(database, 'database')
  const view = kpiViewOf(name)
  const unknown = Object.keys(args).find((key) => !view.parameters.some((parameter) => parameter === key))
  assert(unknown === undefined, `${name} takes no parameter ${unknown}`)
  const [firstBy = ''] = view.by
  const values = { ...DEFAULTS, by: firstBy, ...args }
  if (args.by !== undefined && !view.by.includes(String(args.by))) {
    throw new OutlayError('E_BY', `${name} cannot be grouped by that`, {
      got: String(args.by),
      want: view.by.join(', '),
    })
  }
  const query_params: Record<string, unknown> = {}
  for (const parameter of view.parameters) {
    const value = values[parameter]
    assert(value !== undefined, `${name} needs ${parameter}`)
    query_params[parameter] = value
  }
  const list = view.parameters.map((parameter) => `${parameter} = {${parameter}:${VIEW_PARAMETERS[parameter]}}`)
  return { query: `SELECT * FROM ${database}.${name}(${list.join(', ')})`, query_params }
}

/** Rows of one view. Decimals and 64-bit integers arrive as exact text. */
export const queryKpi = async <Row>(
  client: ClickHouseClient,
  database: string,
  name: KpiViewName,
  args: KpiArguments,
): Promise<Row[]> => {
  const result = await client.query({ ...kpiStatement(database, name, args), format: 'JSONEachRow' })
  return result.json<Row>()
}

/** Rows of one view in which the named columns have the given texts. */
export const queryKpiWhere = async <Row>(
  client: ClickHouseClient,
  database: string,
  question: {
    readonly name: KpiViewName
    readonly args: KpiArguments
    /** Column names are of our own code, values are bound. */
    readonly where: Readonly<Record<string, string>>
  },
): Promise<Row[]> => {
  const { query, query_params } = kpiStatement(database, question.name, question.args)
  const conditions = Object.keys(question.where).map((column) => {
    assertIdentifier(column, 'column')
    return `rows.${column} = {where_${column}:String}`
  })
  const bound = Object.fromEntries(Object.entries(question.where).map(([column, text]) => [`where_${column}`, text]))
  const result = await client.query({
    query: `SELECT * FROM (${query}) AS rows WHERE ${conditions.join(' AND ')}`,
    query_params: { ...query_params, ...bound },
    format: 'JSONEachRow',
  })
  return result.json<Row>()
}
