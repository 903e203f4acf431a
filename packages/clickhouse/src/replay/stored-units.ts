/** What the ledger holds of a unit or a record, told by its place in its log: none, all, or a part. */
import type { LedgerSource } from '#src/verify/ledger-range.ts'

export interface LogRange {
  readonly walId: string
  readonly firstLsn: bigint
  readonly lastLsn: bigint
}

interface PlacedTrace {
  readonly authority: string
  readonly traceId: string
}

const paramsOf = ({ walId, firstLsn, lastLsn }: LogRange) => ({
  walId,
  firstLsn: firstLsn.toString(),
  lastLsn: lastLsn.toString(),
})
const IN_RANGE = 'wal_id = {walId:String} AND lsn BETWEEN {firstLsn:UInt64} AND {lastLsn:UInt64}'

export const countStoredSpans = async ({ client, database }: LedgerSource, range: LogRange): Promise<number> => {
  const result = await client.query({
    query: `SELECT count() AS spans FROM ${database}.spans WHERE ${IN_RANGE}`,
    query_params: paramsOf(range),
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ spans: string }>()
  return Number(row?.spans ?? 0)
}

export const tracesOfRange = async (
  { client, database }: LedgerSource,
  range: LogRange,
): Promise<readonly PlacedTrace[]> => {
  const result = await client.query({
    query: `SELECT DISTINCT toString(authority) AS of, lower(hex(trace_id)) AS trace FROM ${database}.spans WHERE ${IN_RANGE}`,
    query_params: paramsOf(range),
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ of: string; trace: string }>()
  return rows.map(({ of, trace }) => ({ authority: of, traceId: trace }))
}

/** Traces with a call in the quarantine, in order and page by page: those after some trace. */
export const refusedTraces = async (
  { client, database }: LedgerSource,
  after: PlacedTrace | undefined,
  max: number,
): Promise<readonly PlacedTrace[]> => {
  const result = await client.query({
    query: `SELECT toString(authority) AS of, lower(hex(trace_id)) AS trace FROM ${database}.quarantine
      WHERE (trace_id, toString(authority)) > (unhex({trace:String}), {authority:String})
      GROUP BY authority, trace_id, of HAVING sum(sign) > 0 ORDER BY trace_id, of LIMIT {max:UInt32}`,
    query_params: { trace: after?.traceId ?? '', authority: after?.authority ?? '', max },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ of: string; trace: string }>()
  return rows.map(({ of, trace }) => ({ authority: of, traceId: trace }))
}
