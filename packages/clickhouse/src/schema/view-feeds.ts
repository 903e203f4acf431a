/**
 * What protects a repeated insert behind its own table: the names of the views on it and the tables that they feed. A view
 * under another name, and a table that was made anew, take the same block a second time.
 */
import type { ClickHouseClient } from '@clickhouse/client'

/** `database.view > database.target @ uuid of the target`, in order. */
export type ViewFeeds = readonly string[]

/** By table, of those that receive units; a table without views has none. */
export const readViewFeeds = async (
  client: ClickHouseClient,
  { database, tables }: { readonly database: string; readonly tables: readonly string[] },
): Promise<ReadonlyMap<string, ViewFeeds>> => {
  const result = await client.query({
    query: `WITH stored AS (
        SELECT concat(database, '.', name) AS name, toString(uuid) AS uuid,
          replaceAll(extract(create_table_query, '^CREATE MATERIALIZED VIEW .*? TO ([^ (]+)'), '\`', '') AS target
        FROM system.tables
      )
      SELECT fed.source AS source, arraySort(groupArray(concat(fed.view, ' > ', views.target, ' @ ', targets.uuid))) AS feeds
      FROM (
        SELECT name AS source, concat(feed.1, '.', feed.2) AS view FROM system.tables
        ARRAY JOIN arrayZip(dependencies_database, dependencies_table) AS feed
        WHERE database = {database:String} AND name IN {tables:Array(String)}
      ) AS fed
      INNER JOIN stored AS views ON views.name = fed.view
      LEFT JOIN stored AS targets ON targets.name = views.target
      GROUP BY source`,
    query_params: { database, tables },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ source: string; feeds: string[] }>()
  const found = new Map(rows.map(({ source, feeds }) => [source, feeds]))
  return new Map(tables.map((table) => [table, found.get(table) ?? []]))
}

/**
 * What became of the views that a unit met. `kept`: a repeated insert is recognised wherever the first one came. `remade`:
 * all counters and indexes are new, and were summed from the ledger again. `mixed`: some are fed under another name or are
 * new, and the others are as they were; neither sending nor leaving it is right for all of them.
 */
export const fateOfFeeds = (met: ViewFeeds, now: ViewFeeds): 'kept' | 'remade' | 'mixed' => {
  const gone = met.filter((feed) => !now.includes(feed))
  const added = now.filter((feed) => !met.includes(feed))
  const isReplaced = gone.some((feed) =>
    added.some((other) => viewOf(other) === viewOf(feed) || targetOf(other) === targetOf(feed)),
  )
  if (!isReplaced) return 'kept'
  const summed = met.filter(isSummedAgain)
  const targets = new Set(now.map(targetOf))
  return summed.length > 0 && summed.every((feed) => !targets.has(targetOf(feed))) ? 'remade' : 'mixed'
}

const viewOf = (feed: string): string => feed.split(' > ')[0] ?? ''
/** With its uuid. */
const targetOf = (feed: string): string => feed.split(' > ')[1] ?? ''
const isSummedAgain = (feed: string): boolean => /_(counters|index) @ /.test(feed)
