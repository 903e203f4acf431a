/**
 * What is known of traces that are to be evaluated: from memory where the database has exactly the same rows of a trace
 * and no entry of it yet, read back otherwise. Whatever the memory may lack (rows of an earlier run or of another
 * collector, rows that were refused) shows in the comparison, so that it can never change a ledger, only spare a read.
 */
import type { ClickHouseClient, SpanRow } from '@outlay/clickhouse'
import { readStoredTraces, traceSet } from './read-back.ts'
import { type TraceId, traceKeyOf } from './trace-queue.ts'
import type { StoredTrace } from './trace-record.ts'

interface Source {
  readonly client: ClickHouseClient
  readonly database: string
}

interface Memory {
  /** Of the log that every remembered row comes from. */
  readonly walId: string
  readonly recall: (trace: TraceId) => readonly SpanRow[] | undefined
}

interface Remembered extends TraceId {
  readonly rows: readonly SpanRow[]
}

export const gatherTraces = async (
  source: Source,
  traces: readonly TraceId[],
  { walId, recall }: Memory,
): Promise<readonly StoredTrace[]> => {
  const remembered = traces.flatMap((trace): Remembered[] => {
    const rows = recall(trace)
    return rows === undefined ? [] : [{ authority: trace.authority, traceId: trace.traceId, rows }]
  })
  const known = new Map<string, StoredTrace>()
  for (const trace of await confirm(source, remembered, walId)) {
    const { authority, traceId, rows: spans } = trace
    known.set(traceKeyOf(trace), { authority, traceId, spans, ledger: { calls: [], quarantine: [] } })
  }
  const others = traces.filter((trace) => !known.has(traceKeyOf(trace)))
  const read = others.length === 0 ? [] : await readStoredTraces(source, others)
  for (const trace of read) known.set(traceKeyOf(trace), trace)
  return traces.flatMap((trace) => known.get(traceKeyOf(trace)) ?? [])
}

/** Those of which the database has the same rows, nothing else, and no entry. */
const confirm = async (
  source: Source,
  remembered: readonly Remembered[],
  walId: string,
): Promise<readonly Remembered[]> => {
  if (remembered.length === 0) return []
  const stored = await readPlaces(source, remembered, walId)
  return remembered.filter((trace) => {
    const found = stored.get(traceKeyOf(trace))
    if (found === undefined || found.others !== 0 || found.rows !== trace.rows.length) return false
    return found.places === placesOf(trace.rows)
  })
}

/** More than spans in a request: a row is named by its record and its place in it. */
const PLACES_PER_RECORD = 1n << 20n

/** One number for a set of rows: the sum of their places in the log. */
const placesOf = (rows: readonly SpanRow[]): bigint =>
  BigInt.asUintN(
    64,
    rows.reduce((sum, { lsn, pos }) => sum + lsn * PLACES_PER_RECORD + BigInt(pos), 0n),
  )

interface Places {
  readonly rows: number
  readonly places: bigint
  /** Rows of other logs, and entries. */
  readonly others: number
}

const readPlaces = async (
  { client, database }: Source,
  traces: readonly TraceId[],
  walId: string,
): Promise<ReadonlyMap<string, Places>> => {
  const where = `trace_id IN (${traceSet(traces)})`
  const entriesOf = (
    table: string,
  ): string => `SELECT authority, trace_id, 0 AS stored, toUInt64(0) AS places, 1 AS other
      FROM ${database}.${table} WHERE ${where}`
  const result = await client.query({
    query: `SELECT authority, lower(hex(trace_id)), toUInt32(sum(stored)), toString(sum(places)), toUInt32(sum(other)) FROM (
      SELECT authority, trace_id, 1 AS stored, lsn * ${PLACES_PER_RECORD} + pos AS places, wal_id != {walId:String} AS other
      FROM ${database}.spans WHERE ${where}
      UNION ALL ${entriesOf('calls')} UNION ALL ${entriesOf('quarantine')}
    ) GROUP BY authority, trace_id`,
    query_params: { walId },
    format: 'JSONCompactEachRow',
  })
  const rows = await result.json<[string, string, number, string, number]>()
  return new Map(
    rows.map(([authority, traceId, stored, places, others]) => [
      traceKeyOf({ authority, traceId }),
      { rows: stored, places: BigInt(places), others },
    ]),
  )
}
