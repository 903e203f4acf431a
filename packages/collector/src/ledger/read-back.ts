/** What the database knows about some traces: their evidence and their entries. Read back, never remembered. */
import {
  type CallRow,
  callsTable,
  type QuarantineRow,
  quarantineTable,
  readRows,
  type SpanRow,
  spansTable,
} from '@outlay/clickhouse'
import { storedSpanOf } from '#src/pipeline/span-rows.ts'
import type { OpenLedger } from './plan-entries.ts'
import { type IndexedTrace, type LedgerSource, TRACE_QUERY, traceLiteral, traceSet } from './trace-index.ts'
import { type TraceId, traceKeyOf } from './trace-queue.ts'
import { type StoredTrace, traceOf } from './trace-record.ts'

/**
 * Everything that is stored of some traces, however old: what is closed must be seen to be left alone. Looks for them in
 * the tables themselves, as a proof must.
 */
export const readStoredTraces = async (
  source: LedgerSource,
  traces: readonly TraceId[],
): Promise<readonly StoredTrace[]> => {
  const { client, database } = source
  const where = `trace_id IN (${traceSet(traces)})`
  const [spans, ledger] = await Promise.all([
    readRows(client, database, spansTable, { where }),
    readOpenLedger(source, traces),
  ])
  return asStored(traces, spans, ledger)
}

/** The same where the indexes say that it is: in some partitions, and nothing of a trace that they do not know. */
export const readIndexedTraces = async (
  { client, database }: LedgerSource,
  traces: readonly TraceId[],
  indexed: ReadonlyMap<string, IndexedTrace>,
): Promise<readonly StoredTrace[]> => {
  const placesOf = (partsOf: (trace: IndexedTrace) => readonly (string | number)[]): string =>
    traces
      .flatMap((trace) => {
        const known = indexed.get(traceKeyOf(trace))
        return known === undefined ? [] : partsOf(known).map((part) => `(${part}, ${traceLiteral(trace)})`)
      })
      .join(', ')
  const days = placesOf(({ days: stored }) => stored.map((day) => `'${day}'`))
  const months = placesOf(({ months: posted }) => posted)
  const ofDays = { where: `(toDate(received_at), trace_id) IN (${days})`, settings: TRACE_QUERY }
  const ofMonths = { where: `(toYYYYMM(posted_at), trace_id) IN (${months})`, settings: TRACE_QUERY }
  const [spans, calls, quarantine] = await Promise.all([
    days === '' ? [] : readRows(client, database, spansTable, ofDays),
    months === '' ? [] : readRows(client, database, callsTable, ofMonths),
    months === '' ? [] : readRows(client, database, quarantineTable, ofMonths),
  ])
  return asStored(traces, spans, { calls, quarantine })
}

/** A trace id alone is no key: another authority's rows with the same id are another trace. */
const asStored = (
  traces: readonly TraceId[],
  spans: readonly SpanRow[],
  ledger: { readonly calls: readonly CallRow[]; readonly quarantine: readonly QuarantineRow[] },
): readonly StoredTrace[] => {
  const spansOf = byTrace(spans)
  const callsOf = byTrace(ledger.calls)
  const refusalsOf = byTrace(ledger.quarantine)
  return traces.map(({ authority, traceId }) => {
    const key = traceKeyOf({ authority, traceId })
    const stored = (spansOf.get(key) ?? []).map(storedSpanOf)
    const entries = { calls: callsOf.get(key) ?? [], quarantine: refusalsOf.get(key) ?? [] }
    return traceOf({ authority, traceId }, stored, entries)
  })
}

const byTrace = <Row extends { readonly authority: string; readonly trace_id: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row[]> =>
  Map.groupBy(rows, ({ authority, trace_id }) => traceKeyOf({ authority, traceId: trace_id }))

/** Entries of the traces, in both tables. */
export const readOpenLedger = async (
  { client, database }: LedgerSource,
  traces: readonly TraceId[],
): Promise<OpenLedger> => {
  const wanted = new Set(traces.map(({ authority, traceId }) => traceKeyOf({ authority, traceId })))
  const where = `trace_id IN (${traceSet(traces)})`
  const [calls, quarantine] = await Promise.all([
    readRows(client, database, callsTable, { where }),
    readRows(client, database, quarantineTable, { where }),
  ])
  const ours = (row: { authority: string; trace_id: string }): boolean =>
    wanted.has(traceKeyOf({ authority: row.authority, traceId: row.trace_id }))
  return { calls: calls.filter(ours), quarantine: quarantine.filter(ours) }
}

/** Traces with evidence in this log above a record: what a restart has to settle again. */
export const readTracesSince = async (
  { client, database }: LedgerSource,
  walId: string,
  afterLsn: bigint,
): Promise<readonly (TraceId & { readonly firstLsn: bigint })[]> => {
  const result = await client.query({
    query: `SELECT authority, lower(hex(trace_id)) AS trace_id, min(lsn) AS first_lsn FROM ${database}.spans
      WHERE wal_id = {walId:String} AND lsn > {afterLsn:UInt64} GROUP BY authority, trace_id`,
    query_params: { walId, afterLsn: afterLsn.toString() },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ authority: string; trace_id: string; first_lsn: string }>()
  return rows.map(({ authority, trace_id, first_lsn }) => ({
    authority,
    traceId: trace_id,
    firstLsn: BigInt(first_lsn),
  }))
}
