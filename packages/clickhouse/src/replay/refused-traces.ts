/** Traces with calls that stand in quarantine, for whoever wants to look at them again. */
import type { LedgerSource } from '#src/verify/ledger-range.ts'

interface PlacedTrace {
  readonly authority: string
  readonly traceId: string
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
