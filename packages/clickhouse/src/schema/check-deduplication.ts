import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'

const EVIDENCE_AND_LEDGER = ['spans', 'calls', 'quarantine']

/** A table that must recognise an insert that comes again. */
export interface DeduplicationWindow {
  readonly table: string
  /** Inserts that it remembers; 0 = none. */
  readonly inserts: number
}

/** Every table that receives units, and every target of a view on them. */
export const readDeduplicationWindows = async (
  client: ClickHouseClient,
  database: string,
): Promise<readonly DeduplicationWindow[]> => {
  const result = await client.query({
    query: `SELECT name AS table, toUInt32OrZero(extract(create_table_query, 'deduplication_window = ([0-9]+)')) AS inserts
      FROM system.tables
      WHERE database = {database:String} AND (name IN {base:Array(String)} OR name = 'skus' OR endsWith(name, '_counters'))
      ORDER BY name`,
    query_params: { database, base: EVIDENCE_AND_LEDGER },
    format: 'JSONEachRow',
  })
  return result.json<DeduplicationWindow>()
}

/**
 * A table that receives units, or a target of a view on them, without a deduplication window would count a retried insert
 * twice. Fails with `E_NO_DEDUPLICATION` and the names of the tables.
 */
export const assertDeduplicationWindows = async (client: ClickHouseClient, database: string): Promise<void> => {
  const windows = await readDeduplicationWindows(client, database)
  const bare = windows.filter(({ inserts }) => inserts === 0).map(({ table }) => table)
  if (bare.length === 0) return
  throw new OutlayError('E_NO_DEDUPLICATION', 'tables without a deduplication window would count retries twice', {
    got: bare.map((name) => `${database}.${name}`).join(', '),
    want: 'non_replicated_deduplication_window (or its replicated form) above 0',
    fix: 'ALTER TABLE … MODIFY SETTING non_replicated_deduplication_window = 10000, then start again',
  })
}
