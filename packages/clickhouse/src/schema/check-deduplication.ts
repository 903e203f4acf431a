import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'

const EVIDENCE_AND_LEDGER = ['spans', 'calls', 'quarantine']

/**
 * Every table that receives units, and every target of a view on them, needs a deduplication window: one without it would
 * count a retried insert twice. Fails with `E_NO_DEDUPLICATION` and the names of the tables.
 */
export const assertDeduplicationWindows = async (client: ClickHouseClient, database: string): Promise<void> => {
  const result = await client.query({
    query: `SELECT name FROM system.tables
      WHERE database = {database:String} AND (name IN {base:Array(String)} OR name = 'skus' OR endsWith(name, '_counters'))
        AND NOT match(create_table_query, 'deduplication_window = [1-9]') ORDER BY name`,
    query_params: { database, base: EVIDENCE_AND_LEDGER },
    format: 'JSONEachRow',
  })
  const bare = (await result.json<{ name: string }>()).map(({ name }) => name)
  if (bare.length === 0) return
  throw new OutlayError('E_NO_DEDUPLICATION', 'tables without a deduplication window would count retries twice', {
    got: bare.map((name) => `${database}.${name}`).join(', '),
    want: 'non_replicated_deduplication_window (or its replicated form) above 0',
    fix: 'ALTER TABLE … MODIFY SETTING non_replicated_deduplication_window = 10000, then start again',
  })
}
