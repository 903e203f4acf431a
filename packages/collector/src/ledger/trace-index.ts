/**
 * What the indexes say of some traces: how many rows of them stand in `spans` and in the ledger, and on which days. The
 * tables themselves are in another order, and looking for a few thousand ids there would read the ids of all rows.
 */
import type { ClickHouseClient } from '@outlay/clickhouse'
import { assert, limits } from '@outlay/core'
import type { SpanPlace } from '#src/pipeline/span-rows.ts'
import { type TraceId, traceKeyOf } from './trace-queue.ts'

export interface LedgerSource {
  readonly client: ClickHouseClient
  readonly database: string
}

export interface IndexedTrace {
  /** Rows of evidence of one log, and the sum of their places in it (`sumOfPlaces`). */
  readonly rows: number
  readonly places: bigint
  /** Rows of evidence of other logs. */
  readonly foreignRows: number
  readonly entries: number
  /** Days of receipt of the evidence, as `2026-11-22`. */
  readonly days: readonly string[]
  /** Months of posting of the entries, as `202611`. */
  readonly months: readonly number[]
}

/** More than spans in a request: a row is named by its record and its place in it. */
const PLACES_PER_RECORD = 1n << 20n

/** One number for a set of rows: the sum of their places in the log. */
export const sumOfPlaces = (places: readonly Pick<SpanPlace, 'lsn' | 'pos'>[]): bigint =>
  BigInt.asUintN(
    64,
    places.reduce((sum, { lsn, pos }) => sum + lsn * PLACES_PER_RECORD + BigInt(pos), 0n),
  )

const TRACE_ID = /^[0-9a-f]{32}$/

/**
 * A trace id as a literal: its bytes, escaped. Nothing but hex digits passes. (`unhex` of two thousand ids takes the engine
 * longer than what it then reads.)
 */
export const traceLiteral = ({ traceId }: TraceId): string => {
  assert(TRACE_ID.test(traceId), 'trace ids are validated on receipt')
  return `'${traceId.replaceAll(/../g, String.raw`\x$&`)}'`
}

/** Trace ids as a literal set: too many for a URL parameter. */
export const traceSet = (traces: readonly TraceId[]): string => traces.map(traceLiteral).join(', ')

/** For statements that name traces: a server takes 256 KiB unless it is told otherwise. */
export const TRACE_QUERY = { max_query_size: String(limits.traceQueryBytesMax) }

/** By `traceKeyOf`; a trace of which nothing is stored is not among them. `walId`: the log whose rows are counted apart. */
export const readTraceIndexes = async (
  { client, database }: LedgerSource,
  traces: readonly TraceId[],
  walId: string,
): Promise<ReadonlyMap<string, IndexedTrace>> => {
  if (traces.length === 0) return new Map()
  const where = `WHERE trace_id IN (${traceSet(traces)})`
  const result = await client.query({
    query: `SELECT authority, lower(hex(trace_id)), toUInt32(sumIf(spans, is_own)), toString(sumIf(places, is_own)),
        toUInt32(sumIf(spans, NOT is_own)), toUInt32(sum(entries)),
        groupUniqArrayIf(day, spans > 0), groupUniqArrayIf(toYYYYMM(day), entries > 0)
      FROM (
        SELECT authority, trace_id, day, wal_id = {walId:String} AS is_own, spans, places, toUInt64(0) AS entries
        FROM ${database}.span_index ${where}
        UNION ALL
        SELECT authority, trace_id, day, 0 AS is_own, toUInt64(0) AS spans, toUInt64(0) AS places, entries
        FROM ${database}.entry_index ${where}
      ) GROUP BY authority, trace_id`,
    query_params: { walId },
    format: 'JSONCompactEachRow',
    clickhouse_settings: TRACE_QUERY,
  })
  const rows = await result.json<[string, string, number, string, number, number, string[], number[]]>()
  return new Map(
    rows.map(([authority, traceId, own, places, foreignRows, entries, days, months]) => [
      traceKeyOf({ authority, traceId }),
      { rows: own, places: BigInt(places), foreignRows, entries, days, months },
    ]),
  )
}
