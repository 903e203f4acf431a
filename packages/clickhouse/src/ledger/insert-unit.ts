/**
 * Sends one encoded block with its deduplication token. The bytes and the token are fixed before the first attempt;
 * whoever retries passes the same ones, so a repeated attempt counts nothing twice (collector §7.1).
 */
import { Readable } from 'node:stream'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { limits, randomHex } from '@outlay/core'
import { classifyInsertAnswer, classifyLostAnswer, type InsertOutcome } from './insert-outcome.ts'

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

interface Attempt {
  /** Longest that it may take, in milliseconds. */
  readonly attemptMs?: number
  readonly giveUp?: AbortSignal | undefined
}

/** One attempt. Never throws for anything the server or the network does. */
export const insertUnit = async (
  client: ClickHouseClient,
  database: string,
  { table, columns, body, token }: EncodedUnit,
  { attemptMs = limits.insertAttemptMs, giveUp }: Attempt = {},
): Promise<InsertOutcome> => {
  const late = AbortSignal.timeout(attemptMs)
  try {
    const { stream, response_headers, http_status_code } = await client.exec({
      query: `INSERT INTO ${database}.${table} (${columns.join(', ')}) FORMAT Native`,
      values: Readable.from([body]),
      query_id: randomHex(QUERY_ID_BYTES),
      clickhouse_settings: { ...EXACTLY_ONCE_SETTINGS, ...DEDUPLICATE, insert_deduplication_token: token },
      // A socket that neither answers nor closes is left after this; the next attempt takes a new one.
      abort_signal: giveUp === undefined ? late : AbortSignal.any([late, giveUp]),
      // What an answer means is told from its status and headers, too: a proxy has no error code.
      ignore_error_response: true,
    })
    const text = await readStart(stream)
    const exceptionCode = response_headers[EXCEPTION_CODE]?.toString()
    const httpStatus = http_status_code ?? 0
    if (isSuccess(httpStatus) && exceptionCode === undefined) return { status: 'accepted' }
    return classifyInsertAnswer({ httpStatus, exceptionCode, text })
  } catch (error) {
    return classifyLostAnswer(error)
  }
}

const EXCEPTION_CODE = 'x-clickhouse-exception-code'
const isSuccess = (httpStatus: number): boolean => httpStatus >= 200 && httpStatus < 300

const ANSWER_CHARACTERS_MAX = 65_536

/** Reads to the end, so that the connection can be used again, and keeps what an error text needs. */
const readStart = async (stream: Readable): Promise<string> => {
  let text = ''
  for await (const chunk of stream) if (text.length < ANSWER_CHARACTERS_MAX) text += String(chunk)
  return text
}
