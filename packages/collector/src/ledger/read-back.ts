/** What the database knows about some traces: their evidence and their entries. Read back, never remembered. */
import { type ClickHouseClient, callsTable, quarantineTable, readRows, spansTable } from '@outlay/clickhouse'
import { assert } from '@outlay/core'
import type { OpenLedger } from './plan-entries.ts'
import { type TraceId, traceKeyOf } from './trace-queue.ts'
import type { StoredTrace } from './trace-record.ts'

interface Source {
  readonly client: ClickHouseClient
  readonly database: string
}

const TRACE_ID = /^[0-9a-f]{32}$/

/** Trace ids as a literal set: too many for a URL parameter, and nothing but hex digits passes. */
export const traceSet = (traces: readonly TraceId[]): string =>
  traces
    .map(({ traceId }) => {
      assert(TRACE_ID.test(traceId), 'trace ids are validated on receipt')
      return `unhex('${traceId}')`
    })
    .join(', ')

/** Everything that is stored of some traces, however old: what is closed must be seen to be left alone. */
export const readStoredTraces = async (source: Source, traces: readonly TraceId[]): Promise<readonly StoredTrace[]> => {
  const { client, database } = source
  const where = `trace_id IN (${traceSet(traces)})`
  const [spans, ledger] = await Promise.all([
    readRows(client, database, spansTable, { where }),
    readOpenLedger(source, traces),
  ])
  // A trace id alone is no key: another authority's spans with the same id are another trace.
  const spansOf = byTrace(spans)
  const callsOf = byTrace(ledger.calls)
  const refusalsOf = byTrace(ledger.quarantine)
  return traces.map(({ authority, traceId }) => {
    const key = traceKeyOf({ authority, traceId })
    return {
      authority,
      traceId,
      spans: spansOf.get(key) ?? [],
      ledger: { calls: callsOf.get(key) ?? [], quarantine: refusalsOf.get(key) ?? [] },
    }
  })
}

const byTrace = <Row extends { readonly authority: string; readonly trace_id: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row[]> =>
  Map.groupBy(rows, ({ authority, trace_id }) => traceKeyOf({ authority, traceId: trace_id }))

/** Entries of the traces, in both tables. */
export const readOpenLedger = async ({ client, database }: Source, traces: readonly TraceId[]): Promise<OpenLedger> => {
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
  { client, database }: Source,
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
