/** Traces that are still open: the calls of the busy hour once more, as if they had arrived just now. */
import { TOKEN_METERS } from '@outlay/core'
import type { BenchLedger } from './bench-ledger.ts'
import { BUSY_HOUR } from './period.ts'

const DIMENSIONS = 'authority, trace_id, span_id, part, sign, time, tenant, user, feature, workload, task'
const COLUMNS = `${DIMENSIONS}, sku, price_slot, usage_bits, ${TOKEN_METERS.join(', ')}, units`

/** Open traces count for an hour after they were looked at: call this before each measurement that needs them. */
export const insertOpenTraces = async ({
  client,
  database,
}: Pick<BenchLedger, 'client' | 'database'>): Promise<void> => {
  const query_params = { ...BUSY_HOUR, at: Date.now() }
  const at = `fromUnixTimestamp64Milli({at:Int64}, 'UTC')`
  const busy = `FROM ${database}.calls WHERE price_slot >= toDateTime({from:UInt32}, 'UTC') AND price_slot < toDateTime({to:UInt32}, 'UTC') AND sign = 1`
  await client.command({
    query: `INSERT INTO ${database}.open_entries (evaluated_at, ${COLUMNS}) SELECT ${at}, ${COLUMNS} ${busy}`,
    query_params,
  })
  await client.command({
    query: `INSERT INTO ${database}.open_traces (authority, trace_id, evaluated_at, entries, opened_at)
      SELECT authority, trace_id, ${at}, count(), ${at} ${busy} GROUP BY authority, trace_id`,
    query_params,
  })
}
