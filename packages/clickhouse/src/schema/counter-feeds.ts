/**
 * The targets that are fed from the ledger and from evidence, with the very statements that feed them: one definition per
 * counter, and per index.
 */
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
  /** Column whose months are its partitions: counters `price_slot`, indexes `day`. `skus` is one piece. */
  readonly cutBy: 'price_slot' | 'day' | undefined
  /** What it is fed from, and the column that tells its rows' time there. */
  readonly sources: readonly FeedSource[]
}

export interface FeedSource {
  readonly table: 'spans' | 'calls' | 'quarantine'
  readonly time: 'received_at' | 'posted_at' | 'price_slot'
}

const OF_LEDGER: readonly FeedSource[] = [{ table: 'calls', time: 'price_slot' }]
const INDEX_SOURCES: Readonly<Record<string, readonly FeedSource[]>> = {
  span_index: [{ table: 'spans', time: 'received_at' }],
  entry_index: [
    { table: 'calls', time: 'posted_at' },
    { table: 'quarantine', time: 'posted_at' },
  ],
}

interface Column {
  readonly name: string
  readonly type: string
}

const COMBINED = /^SimpleAggregateFunction\((\w+),/

const columnsByTable = async (client: ClickHouseClient, database: string): Promise<Map<string, Column[]>> => {
  const result = await client.query({
    query: `SELECT table, name, type FROM system.columns
      WHERE database = {database:String} AND match(table, '_(counters|index)$|^skus$') ORDER BY table, position`,
    query_params: { database },
    format: 'JSONEachRow',
  })
  return Map.groupBy(await result.json<Column & { table: string }>(), ({ table }) => table)
}

/** Counters have one view each; what several views feed is named by the end of their names. */
const targetOf = (view: string): string | undefined =>
  /^\w+_counters(?=_mv$)|(?:skus|span_index|entry_index)(?=_mv$)/.exec(view)?.[0]

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
  const sources = INDEX_SOURCES[target]
  const cutBy = target === 'skus' ? undefined : sources === undefined ? 'price_slot' : 'day'
  return {
    target,
    statements: views.map(({ statement }) => statement),
    keys,
    measures,
    cutBy,
    sources: sources ?? OF_LEDGER,
  }
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
