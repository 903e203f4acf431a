/** Replicas follow each other: before rows are read that must not be missing, ours fetches what the others have. */
import type { ClickHouseClient } from '@clickhouse/client'

/** Waits until our replica of these tables has what was written before; of all replicated tables, if none is named. */
export const catchUp = async (
  client: ClickHouseClient,
  database: string,
  tables: readonly string[] = [],
): Promise<void> => {
  const result = await client.query({
    query: `SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(engine, 'Replicated')
      AND (empty({tables:Array(String)}) OR has({tables:Array(String)}, name)) ORDER BY name`,
    query_params: { database, tables },
    format: 'JSONEachRow',
  })
  for (const { name } of await result.json<{ name: string }>()) {
    await client.command({ query: `SYSTEM SYNC REPLICA ${database}.${name}` })
  }
}
