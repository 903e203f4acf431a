/** The targets that are fed from the ledger, with the very statements that feed them: one definition per counter. */
import type { ClickHouseClient } from '@clickhouse/client'
import { assert } from '@outlay/core'

/** A column that is combined when rows of a target are merged. */
export interface Measure {
  readonly name: string
  /** sum, min, max, any or sumMap. */
  readonly combined: string
}

export interface CounterFeed {
  readonly target: string
  /** `SELECT`s of the materialized views that feed the target. */
  readonly statements: readonly string[]
  /** Columns that rows of the target are told apart by. */
  readonly keys: readonly string[]
  readonly measures: readonly Measure[]
  /** Cut into months of `price_slot`; `skus` is one piece. */
  readonly isMonthly: boolean
}

interface Column {
  readonly name: string
  readonly type: string
}

const COMBINED = /^SimpleAggregateFunction\((\w+),/

const columnsByTable = async (client: ClickHouseClient, database: string): Promise<Map<string, Column[]>> => {
  const result = await client.query({
    query: `SELECT table, name, type FROM system.columns
      WHERE database = {database:String} AND (endsWith(table, '_counters') OR table = 'skus') ORDER BY table, position`,
    query_params: { database },
    format: 'JSONEachRow',
  })
  return Map.groupBy(await result.json<Column & { table: string }>(), ({ table }) => table)
}

const targetOf = (view: string): string | undefined =>
  view.endsWith('_counters_mv') ? view.replace(/_mv$/, '') : view.endsWith('skus_mv') ? 'skus' : undefined

/** In order of their targets. What has no view that feeds it is not among them. */
export const readCounterFeeds = async (client: ClickHouseClient, database: string): Promise<readonly CounterFeed[]> => {
  const result = await client.query({
    query: `SELECT name, as_select AS statement FROM system.tables
      WHERE database = {database:String} AND engine = 'MaterializedView' ORDER BY name`,
    query_params: { database },
    format: 'JSONEachRow',
  })
  const views = (await result.json<{ name: string; statement: string }>()).map((view) => ({
    ...view,
    target: targetOf(view.name),
  }))
  const columns = await columnsByTable(client, database)
  return [...Map.groupBy(views, ({ target }) => target)]
    .flatMap(([target, ofTarget]) => {
      const stored = target === undefined ? undefined : columns.get(target)
      if (target === undefined || stored === undefined) return []
      return [feedOf(target, stored, ofTarget)]
    })
    .toSorted((a, b) => (a.target < b.target ? -1 : 1))
}

const feedOf = (
  target: string,
  columns: readonly Column[],
  views: readonly { readonly statement: string }[],
): CounterFeed => {
  const measures = columns.flatMap(({ name, type }) => {
    const combined = COMBINED.exec(type)?.[1]
    return combined === undefined ? [] : [{ name, combined }]
  })
  const keys = columns.map(({ name }) => name).filter((name) => !measures.some((measure) => measure.name === name))
  assert(measures.length > 0 && keys.length > 0, `${target} has keys and counters`)
  return { target, statements: views.map(({ statement }) => statement), keys, measures, isMonthly: target !== 'skus' }
}

export const feedColumns = ({ keys, measures }: CounterFeed): readonly string[] => [
  ...keys,
  ...measures.map(({ name }) => name),
]

/** What the ledger says should be in the target, where a condition on its keys holds. */
export const fedRows = (feed: CounterFeed, where = '1'): string =>
  feed.statements
    .map((statement) => `SELECT ${feedColumns(feed).join(', ')} FROM (${statement}) WHERE ${where}`)
    .join(' UNION ALL ')
