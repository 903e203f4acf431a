/**
 * Calls that are stored as the tables did not cut them when they were posted: under another prompt band or slot than the
 * edges and splits of today give them. Each waits for the collector that posted it.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { readWhole } from '#src/schema/stored-form.ts'
import { SLOT_SECONDS, slotStartOf } from '@outlay/core'
import { splitsOf } from '@outlay/pricing'
import type { LedgerTables } from './ledger-tables.ts'
import { readStoredSkus } from './stored-skus.ts'

interface Source {
  readonly client: ClickHouseClient
  readonly database: string
}

const instant = (atSeconds: number): string => `toDateTime64(${atSeconds}, 9, 'UTC')`

/** Calls above an edge that start while it is active, under the band of a lower one. */
const edgeConditions = ({ bandEdges, edgesActiveFrom, laterEdges }: LedgerTables): string[] =>
  laterEdges.map((index) => {
    const tokens = bandEdges[index] ?? 0
    const lower = [...bandEdges.keys()].filter((other) => (bandEdges[other] ?? 0) < tokens)
    return `(input_total > ${tokens} AND time >= ${instant(edgesActiveFrom[index] ?? 0)} AND prompt_band IN (${lower.join(', ')}))`
  })

/** Calls of a sku that is cut, behind the cut and in its slot, under the slot's start or an earlier cut. */
const splitConditions = async ({ client, database }: Source, tables: LedgerTables): Promise<string[]> => {
  if (tables.slotSplits.length === 0) return []
  const cut = (await readStoredSkus(client, database)).flatMap(({ sku, prompt_band, ...parts }) =>
    splitsOf({ ...parts, promptBand: prompt_band }, tables).map((at) => ({ at, sku: BigInt(sku) })),
  )
  return [...Map.groupBy(cut, ({ at }) => at)].map(([at, ofInstant]) => {
    const skus = [...new Set(ofInstant.map(({ sku }) => sku))].join(', ')
    const end = slotStartOf(at) + SLOT_SECONDS
    // A degraded call is priced as the model that was meant as well.
    return `(time >= ${instant(at)} AND time < ${instant(end)} AND price_slot < toDateTime(${at}, 'UTC') AND (sku IN (${skus}) OR intended_sku IN (${skus})))`
  })
}

/** One row per open charge that waits; undefined where no call can. */
const waitingCharges = async (
  source: Source,
  tables: LedgerTables,
  from = `${source.database}.calls`,
): Promise<string | undefined> => {
  const conditions = [...edgeConditions(tables), ...(await splitConditions(source, tables))]
  if (conditions.length === 0) return undefined
  // A reversal repeats band and slot of its charge, so that both are found together and cancel.
  return `SELECT authority, trace_id, anyIf(wal_id, sign > 0) AS log FROM ${from}
    WHERE ${conditions.join(' OR ')} GROUP BY authority, trace_id, span_id, part, seq HAVING sum(sign) > 0`
}

export interface WaitingTrace {
  readonly authority: string
  readonly traceId: string
}

/** Traces of up to `callsMax` waiting calls that a log posted. */
export const readWaitingTraces = async (
  source: Source,
  tables: LedgerTables,
  { walId, callsMax }: { readonly walId: string; readonly callsMax: number },
): Promise<readonly WaitingTrace[]> => {
  const charges = await waitingCharges(source, tables)
  if (charges === undefined) return []
  const result = await source.client.query({
    query: `SELECT DISTINCT authority, lower(hex(trace_id)) AS trace FROM
      (SELECT * FROM (${charges}) WHERE log = {walId:String} LIMIT {callsMax:UInt32})`,
    query_params: { walId, callsMax },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ authority: string; trace: string }>()
  return rows.map(({ authority, trace }) => ({ authority, traceId: trace }))
}

export interface WaitingLog {
  /** Log of the collector that has to move them. */
  readonly log: string
  readonly calls: number
}

/** How many calls wait, by log; empty where every call stands as the tables cut it. */
export const readWaitingLogs = async (source: Source, tables: LedgerTables): Promise<readonly WaitingLog[]> => {
  const charges = await waitingCharges(source, tables, (await readWhole(source.client, source.database))('calls'))
  if (charges === undefined) return []
  const result = await source.client.query({
    query: `SELECT log, count() AS calls FROM (${charges}) GROUP BY log ORDER BY log`,
    format: 'JSONEachRow',
  })
  return (await result.json<{ log: string; calls: string }>()).map(({ log, calls }) => ({ log, calls: Number(calls) }))
}
