/** Sums the counters of every KPI again from the ledger, by the very statements that feed them. */
import type { ClickHouseClient } from '@clickhouse/client'

interface Feed {
  readonly target: string
  readonly columns: readonly string[]
  readonly statement: string
}

/**
 * Fills empty targets. Nothing may be inserted into the ledger meanwhile: what is fed and refilled would count twice.
 */
export const refillCounters = async (client: ClickHouseClient, database: string): Promise<void> => {
  for (const { target, columns, statement } of await feedsOf(client, database)) {
    const list = columns.join(', ')
    await client.command({
      query: `INSERT INTO ${database}.${target} (${list}) SELECT ${list} FROM (${statement})`,
      clickhouse_settings: { async_insert: 0, insert_deduplicate: 0 },
    })
  }
}

const feedsOf = async (client: ClickHouseClient, database: string): Promise<Feed[]> => {
  const result = await client.query({
    query: `SELECT replaceRegexpOne(name, '_mv$', '') AS target, as_select AS statement,
        (SELECT groupArray(columns.name) FROM system.columns WHERE columns.database = {database:String} AND columns.table = replaceRegexpOne(tables.name, '_mv$', '')) AS columns
      FROM system.tables AS tables
      WHERE tables.database = {database:String} AND endsWith(tables.name, '_counters_mv') ORDER BY name`,
    query_params: { database },
    format: 'JSONEachRow',
  })
  return result.json<Feed>()
}
