import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'

const EVIDENCE_AND_LEDGER = ['spans', 'calls', 'quarantine']

/** How long a table remembers a token. */
export interface DeduplicationWindow {
  /** Inserts of any writer. */
  readonly inserts: number
  /** Seconds, where the table is replicated. */
  readonly seconds: number | undefined
}

/**
 * The window of every table that receives units and of every target of a view on them. Each needs one: a table without it
 * would count a retried insert twice. Fails with `E_NO_DEDUPLICATION` and the names of the tables.
 */
export const readDeduplicationWindows = async (
  client: ClickHouseClient,
  database: string,
): Promise<ReadonlyMap<string, DeduplicationWindow>> => {
  const result = await client.query({
    query: `SELECT name, toUInt32OrZero(extract(create_table_query, 'deduplication_window = (\\\\d+)')) AS inserts,
        toUInt32OrZero(extract(create_table_query, 'deduplication_window_seconds = (\\\\d+)')) AS seconds FROM system.tables
      WHERE database = {database:String} AND (name IN {base:Array(String)} OR name = 'skus' OR endsWith(name, '_counters'))
      ORDER BY name`,
    query_params: { database, base: EVIDENCE_AND_LEDGER },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ name: string; inserts: number; seconds: number }>()
  const bare = rows.filter(({ inserts }) => inserts === 0)
  if (bare.length > 0) {
    throw new OutlayError('E_NO_DEDUPLICATION', 'tables without a deduplication window would count retries twice', {
      got: bare.map(({ name }) => `${database}.${name}`).join(', '),
      want: 'non_replicated_deduplication_window (or its replicated form) above 0',
      fix: 'ALTER TABLE … MODIFY SETTING non_replicated_deduplication_window = 10000; what waits in the log is inserted then',
    })
  }
  return new Map(rows.map(({ name, inserts, seconds }) => [name, { inserts, seconds: seconds || undefined }]))
}
