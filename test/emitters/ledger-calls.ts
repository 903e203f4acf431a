/** What the ledger says about the cases of an emitter: net calls, so that corrections do not show. */
import type { Meter, MeterQuantities } from '@outlay/core'
import { METERS } from '@outlay/core'
import type { TestLedger } from '../harness/test-ledger.ts'

export interface LedgerCall {
  readonly task: string
  readonly meters: MeterQuantities
  readonly inputTotal: number
  readonly outputTotal: number
  readonly usageStatus: string
  readonly cacheSplit: string
  readonly flags: readonly string[]
  readonly provider: string
  readonly model: string
  readonly ruleId: string
  readonly scope: string
  readonly tenant: string
  readonly service: string
}

type Row = Readonly<Record<string, unknown>>

const metersOf = (row: Row): MeterQuantities =>
  Object.fromEntries(
    METERS.flatMap((meter: Meter) => {
      const quantity = Number(row[meter] ?? (row['units'] as Row)[meter] ?? 0)
      return quantity === 0 ? [] : [[meter, quantity]]
    }),
  )

const callOf = (row: Row): LedgerCall => ({
  task: String(row['task']),
  meters: metersOf(row),
  inputTotal: Number(row['input_total']),
  outputTotal: Number(row['output_total']),
  usageStatus: String(row['usage_status']),
  cacheSplit: String(row['cache_split']),
  flags: row['flags'] as string[],
  provider: String(row['provider']),
  model: String(row['response_model'] || row['request_model']),
  ruleId: String(row['rule_id']),
  scope: String(row['scope_name']),
  tenant: String(row['tenant']),
  service: String(row['service']),
})

/** Calls whose charges outweigh their reversals, of all tasks. */
export const readLedgerCalls = async ({ client }: TestLedger, database: string): Promise<readonly LedgerCall[]> => {
  const query = `
    SELECT * FROM ${database}.calls
    WHERE sign = 1
      AND (authority, trace_id, span_id, part, seq) NOT IN
        (SELECT authority, trace_id, span_id, part, seq FROM ${database}.calls WHERE sign = -1)`
  const rows = await (await client.query({ query, format: 'JSONEachRow' })).json<Row>()
  return rows.map(callOf)
}
