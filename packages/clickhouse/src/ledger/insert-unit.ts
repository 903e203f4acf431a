/**
 * Sends one encoded block with its deduplication token. The bytes and the token are fixed before the first attempt;
 * whoever retries passes the same ones, so a repeated attempt counts nothing twice (collector §7.1).
 */
import { once } from 'node:events'
import { Readable } from 'node:stream'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { randomHex } from '@outlay/core'
import { classifyInsertFailure, type InsertOutcome } from './insert-outcome.ts'

/** One block for one table, ready to send. */
export interface EncodedUnit {
  readonly table: string
  readonly columns: readonly string[]
  readonly body: Buffer
  readonly token: string
}

/** Sent with every attempt, never left to a server default. */
const EXACTLY_ONCE_SETTINGS: ClickHouseSettings = {
  async_insert: 0,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  max_insert_block_size: '1048449',
  min_insert_block_size_rows: '1048449',
  min_insert_block_size_bytes: '268402944',
  max_insert_threads: '1',
  input_format_parallel_parsing: 0,
  materialized_views_ignore_errors: 0,
  max_partitions_per_insert_block: '100',
}
// Newer than the client's typed list: the setting replaced `insert_deduplicate` in 26.2.
const DEDUPLICATE = { deduplicate_insert: 'enable' } as ClickHouseSettings

const QUERY_ID_BYTES = 16

/** One attempt. Never throws for anything the server or the network does. */
export const insertUnit = async (
  client: ClickHouseClient,
  database: string,
  { table, columns, body, token }: EncodedUnit,
): Promise<InsertOutcome> => {
  try {
    const { stream } = await client.exec({
      query: `INSERT INTO ${database}.${table} (${columns.join(', ')}) FORMAT Native`,
      values: Readable.from([body]),
      query_id: randomHex(QUERY_ID_BYTES),
      clickhouse_settings: { ...EXACTLY_ONCE_SETTINGS, ...DEDUPLICATE, insert_deduplication_token: token },
    })
    stream.resume()
    await once(stream, 'end')
    return { status: 'accepted' }
  } catch (error) {
    return classifyInsertFailure(error)
  }
}
