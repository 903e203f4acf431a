/** What the database knows about some traces: their evidence and their entries. Read back, never remembered. */
import { type ClickHouseClient, callsTable, quarantineTable, readRows, spansTable } from '@outlay/clickhouse'
import { assert, limits } from '@outlay/core'
import type { SpanEvidence } from '@outlay/semconv'
import { evidenceOf } from '#src/pipeline/span-rows.ts'
import type { OpenLedger } from './plan-entries.ts'
import type { TraceId } from './trace-queue.ts'

interface Source {
  readonly client: ClickHouseClient
  readonly database: string
}

const TRACE_ID = /^[0-9a-f]{32}$/
const MS_PER_SECOND = 1_000

/** Trace ids as a literal set: too many for a URL parameter, and nothing but hex digits passes. */
const traceSet = (traces: readonly TraceId[]): string =>
  traces
    .map(({ traceId }) => {
      assert(TRACE_ID.test(traceId), 'trace ids are validated on receipt')
      return `unhex('${traceId}')`
    })
    .join(', ')

const traceKeyOf = (authority: string, traceId: string): string => `${authority}\u0000${traceId}`

/** Spans of each trace, by trace key. Candidates older than their time to live are closed and not read. */
export const readEvidence = async (
  { client, database }: Source,
  traces: readonly TraceId[],
  nowMs: number,
): Promise<ReadonlyMap<string, readonly SpanEvidence[]>> => {
  const rows = await readRows(client, database, spansTable, {
    where: `trace_id IN (${traceSet(traces)}) AND received_at >= toDateTime64({since:UInt32}, 9, 'UTC')`,
    params: { since: Math.floor((nowMs - limits.candidateTtlMs) / MS_PER_SECOND) },
  })
  const wanted = new Map<string, SpanEvidence[]>(
    traces.map(({ authority, traceId }) => [traceKeyOf(authority, traceId), []]),
  )
  // A trace id alone is no key: another authority's spans with the same id are another trace.
  for (const row of rows) wanted.get(traceKeyOf(row.authority, row.trace_id))?.push(evidenceOf(row))
  return wanted
}

/** Entries of the traces, in both tables. */
export const readOpenLedger = async ({ client, database }: Source, traces: readonly TraceId[]): Promise<OpenLedger> => {
  const wanted = new Set(traces.map(({ authority, traceId }) => traceKeyOf(authority, traceId)))
  const where = `trace_id IN (${traceSet(traces)})`
  const [calls, quarantine] = await Promise.all([
    readRows(client, database, callsTable, { where }),
    readRows(client, database, quarantineTable, { where }),
  ])
  const ours = (row: { authority: string; trace_id: string }): boolean =>
    wanted.has(traceKeyOf(row.authority, row.trace_id))
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
