/**
 * Counters are sums over the ledger: when their shape changes they are dropped, made anew, and summed again by the very
 * statements that feed them. Nothing may be inserted into the ledger meanwhile, or it would count twice: `outlay up`
 * migrates before it starts its collector; collectors of their own are stopped first.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { feedColumns, fedRows, readCounterFeeds } from './counter-feeds.ts'
import { renderSql, type SchemaTarget } from './render-sql.ts'

/** Drops the counters and what feeds them. */
export const dropCounters = async (client: ClickHouseClient, target: SchemaTarget): Promise<void> => {
  const result = await client.query({
    query: `SELECT name FROM system.tables WHERE database = {database:String} AND match(name, '_counters(_mv)?$')
      ORDER BY endsWith(name, '_mv') DESC, name`,
    query_params: { database: target.database },
    format: 'JSONEachRow',
  })
  const tables = await result.json<{ name: string }>()
  for (const { name } of tables) {
    await client.command({ query: renderSql(`DROP TABLE IF EXISTS {{db}}.${name} {{on_cluster}} SYNC`, target) })
  }
}

/** Sums the ledger of this server, or of its shard, into empty counters. */
export const refillCounters = async (client: ClickHouseClient, database: string): Promise<void> => {
  if (await isEmpty(client, `${database}.calls`)) return
  const feeds = await readCounterFeeds(client, database)
  for (const feed of feeds.filter(({ isMonthly }) => isMonthly)) {
    await client.command({
      query: `INSERT INTO ${database}.${feed.target} (${feedColumns(feed).join(', ')}) ${fedRows(feed)}`,
      clickhouse_settings: { async_insert: 0, insert_deduplicate: 0 },
    })
  }
}

export const isEmpty = async (client: ClickHouseClient, table: string): Promise<boolean> => {
  const result = await client.query({ query: `SELECT 1 FROM ${table} LIMIT 1`, format: 'JSONEachRow' })
  return (await result.json()).length === 0
}
