/**
 * Puts compiled windows in the place of those that are there: written beside, put in place whole, then the dictionaries
 * follow. A crash at any point leaves the old ones or the new ones.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { randomHex } from '@outlay/core'
import { insertUnit } from '#src/ledger/insert-unit.ts'
import { encodeUnit } from '#src/ledger/unit-encoder.ts'
import { createCopy } from '#src/schema/copy-table.ts'
import { type WindowRow, windowRowsTable } from '#src/tables/price-tables.ts'
import { reloadDictionaries } from './reload-dictionaries.ts'

const STAGING = 'price_window_rows_next_'
const STAGING_ID_BYTES = 6
const STAGING_AGE_SECONDS = 600
const ROWS_PER_BLOCK = 50_000

export const swapWindows = async (
  client: ClickHouseClient,
  database: string,
  rows: readonly WindowRow[],
): Promise<void> => {
  await dropStaging(client, database)
  const { table } = windowRowsTable
  const staging = `${STAGING}${randomHex(STAGING_ID_BYTES)}`
  await createCopy(client, database, { table, copy: staging })
  for (let start = 0; start < rows.length; start += ROWS_PER_BLOCK) {
    const unit = encodeUnit(windowRowsTable, rows.slice(start, start + ROWS_PER_BLOCK), `${staging}:${start}`)
    const outcome = await insertUnit(client, database, { ...unit, table: staging })
    if (outcome.status !== 'accepted')
      throw new Error(`price windows were not accepted: ${outcome.status} ${outcome.code}`)
  }
  const change = rows.length === 0 ? 'DROP PARTITION tuple()' : `REPLACE PARTITION tuple() FROM ${database}.${staging}`
  await client.command({ query: `ALTER TABLE ${database}.${table} ${change}` })
  await reloadDictionaries(client, database, { table, dictionaries: ['price_windows'] })
  await client.command({ query: `DROP TABLE IF EXISTS ${database}.${staging}` })
}

/** A load that was killed leaves its staging table behind. A young one may belong to another collector that is loading now. */
const dropStaging = async (client: ClickHouseClient, database: string): Promise<void> => {
  const result = await client.query({
    query:
      'SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String}) AND metadata_modification_time < now() - {ageSeconds:UInt32}',
    query_params: { database, prefix: STAGING, ageSeconds: STAGING_AGE_SECONDS },
    format: 'JSONEachRow',
  })
  for (const { name } of await result.json<{ name: string }>()) {
    await client.command({ query: `DROP TABLE IF EXISTS ${database}.${name}` })
  }
}
