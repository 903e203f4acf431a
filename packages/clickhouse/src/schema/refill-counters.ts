/**
 * Counters and indexes are sums over the ledger and its evidence: when their shape changes they are dropped, made anew, and
 * summed again by the very statements that feed them. Nothing may be inserted into the ledger meanwhile, or it would count
 * twice: `outlay up` migrates before it starts its collector; collectors of their own are stopped first. A unit that a stopped
 * collector left in doubt is not lost on the new tables, nor counted twice: its manifest names the ones that it met.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { feedColumns, fedRows, readCounterFeeds } from './counter-feeds.ts'
import { renderSql, type SchemaTarget } from './render-sql.ts'

/** Of a migration that makes counters or an index, or a view that feeds one. */
export const makesCounters = ({ name }: { readonly name: string }): boolean => /-(counters|index)(-mv)?$/.test(name)

/** Drops the counters and what feeds them. */
export const dropCounters = async (client: ClickHouseClient, target: SchemaTarget): Promise<void> => {
  const result = await client.query({
    query: `SELECT name FROM system.tables WHERE database = {database:String} AND match(name, '_(counters|index)(_mv)?$')
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
  const areEmpty = await Promise.all(
    ['spans', 'calls', 'quarantine'].map((table) => isEmpty(client, `${database}.${table}`)),
  )
  if (areEmpty.every(Boolean)) return
  const feeds = await readCounterFeeds(client, database)
  for (const feed of feeds.filter(({ cutBy }) => cutBy !== undefined)) {
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
