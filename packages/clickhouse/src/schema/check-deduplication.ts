import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'

/** Tables that receive units. */
export const UNIT_TABLES: readonly string[] = ['spans', 'calls', 'quarantine']

/** How long a table recognises an insert that comes again. */
export interface DeduplicationWindow {
  readonly table: string
  /** Inserts of any writer that it remembers; 0 = none. */
  readonly inserts: number
  /** Seconds, where it is replicated; else 0. */
  readonly seconds: number
}

/** Every table that receives units, and every target of a view on them. */
export const readDeduplicationWindows = async (
  client: ClickHouseClient,
  database: string,
): Promise<readonly DeduplicationWindow[]> => {
  const result = await client.query({
    query: `SELECT name AS table, toUInt32OrZero(extract(create_table_query, 'deduplication_window = ([0-9]+)')) AS inserts,
        toUInt32OrZero(extract(create_table_query, 'deduplication_window_seconds = ([0-9]+)')) AS seconds
      FROM system.tables
      WHERE database = {database:String} AND (name IN {base:Array(String)} OR match(name, '_(counters|index)$|^skus$'))
      ORDER BY name`,
    query_params: { database, base: UNIT_TABLES },
    format: 'JSONEachRow',
  })
  return result.json<DeduplicationWindow>()
}

/**
 * The same by table, where each has one: a table without it would count a retried insert twice. Fails with
 * `E_NO_DEDUPLICATION` and the names of the tables.
 */
export const requireDeduplicationWindows = async (
  client: ClickHouseClient,
  database: string,
): Promise<ReadonlyMap<string, DeduplicationWindow>> => {
  const windows = await readDeduplicationWindows(client, database)
  const bare = windows.filter(({ inserts }) => inserts === 0)
  if (bare.length > 0) {
    throw new OutlayError('E_NO_DEDUPLICATION', 'tables without a deduplication window would count retries twice', {
      got: bare.map(({ table }) => `${database}.${table}`).join(', '),
      want: 'non_replicated_deduplication_window (or its replicated form) above 0',
      fix: 'ALTER TABLE … MODIFY SETTING non_replicated_deduplication_window = 10000; what waits in the log is inserted then',
    })
  }
  return new Map(windows.map((window) => [window.table, window]))
}
