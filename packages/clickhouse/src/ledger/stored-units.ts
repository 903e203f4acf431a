/** What of a unit stands in its table: asked where a token may be forgotten and sending again could count twice. */
import type { ClickHouseClient } from '@clickhouse/client'
import { assert } from '@outlay/core'
import { openNativeBlock } from '#src/native/cut-native-block.ts'
import type { EncodedUnit } from './insert-unit.ts'

/** Where the rows of a unit say their place: evidence by its record, entries by their ledger unit. */
const PLACE_OF: Readonly<Record<string, string>> = { spans: 'lsn', calls: 'unit', quarantine: 'unit' }

/** Rows of a unit, and how many of them its table has. */
export interface StoredShare {
  readonly rows: number
  readonly stored: number
}

/** Counts rows between the first and the last of the unit; `walId` names the log that they come from. */
export const countStored = async (
  client: ClickHouseClient,
  database: string,
  { table, body, walId }: Pick<EncodedUnit, 'table' | 'body'> & { readonly walId: string },
): Promise<StoredShare> => {
  const block = openNativeBlock(body)
  const column = PLACE_OF[table]
  assert(column !== undefined, 'units go into tables whose rows say their place')
  const placeOf = (row: number): string => `(${block.cell(column, row)}, ${block.cell('pos', row)})`
  const result = await client.query({
    query: `SELECT toUInt32(count()) AS stored FROM ${database}.${table}
      WHERE wal_id = {walId:String} AND (${column}, pos) BETWEEN ${placeOf(0)} AND ${placeOf(block.rows - 1)}`,
    query_params: { walId },
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ stored: number }>()
  assert(row !== undefined, 'a count has a row')
  return { rows: block.rows, stored: row.stored }
}

/** Records in a row that have their spans in the database. Bounds inclusive. */
export interface StoredRecords {
  readonly firstLsn: bigint
  readonly lastLsn: bigint
}

/** Which records of a log are stored behind a certain one, as few ranges as there are gaps. */
export const readStoredRecords = async (
  client: ClickHouseClient,
  database: string,
  { walId, afterLsn }: { readonly walId: string; readonly afterLsn: bigint },
): Promise<readonly StoredRecords[]> => {
  const result = await client.query({
    query: `SELECT toString(min(lsn)) AS first_lsn, toString(max(lsn)) AS last_lsn FROM (
        SELECT lsn, lsn - row_number() OVER (ORDER BY lsn) AS island
        FROM (SELECT DISTINCT lsn FROM ${database}.spans WHERE wal_id = {walId:String} AND lsn > {afterLsn:UInt64})
      ) GROUP BY island ORDER BY min(lsn)`,
    query_params: { walId, afterLsn: afterLsn.toString() },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ first_lsn: string; last_lsn: string }>()
  return rows.map(({ first_lsn, last_lsn }) => ({ firstLsn: BigInt(first_lsn), lastLsn: BigInt(last_lsn) }))
}

/** Logs other than one's own whose spans came within a day: who else writes into these tables. */
export const countOtherWriters = async (client: ClickHouseClient, database: string, walId: string): Promise<number> => {
  const result = await client.query({
    query: `SELECT toUInt32(uniqExact(wal_id)) AS writers FROM ${database}.spans
      WHERE received_at > now() - INTERVAL 1 DAY AND wal_id != {walId:String}`,
    query_params: { walId },
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ writers: number }>()
  return row?.writers ?? 0
}
