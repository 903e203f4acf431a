/** What single entries cost by `call_cost`, the reference that every KPI total equals. */
import type { ClickHouseClient } from '@clickhouse/client'
import { queryKpiWhere } from '#src/kpi/query-kpi.ts'
import type { CallRow } from '#src/tables/ledger-tables.ts'

/** Columns of `call_cost` that a person asks for. Money is exact decimal text, signed like its entry. */
export interface EntryCost {
  readonly entry_id: string
  readonly cost_status: string
  /** Used meters without a price. */
  readonly missing: readonly string[]
  /** Null unless every used meter has a price. */
  readonly cost_usd: string | null
  /** What has a price. */
  readonly priced_subtotal_usd: string
  /** The same, in ninths of femto-dollars: adds up without rounding. */
  readonly subtotal_femto9: string
}

/** The window that holds the slots of some entries, as views take it: Unix seconds, `to` excluded. */
export const windowOfEntries = (
  entries: readonly Pick<CallRow, 'price_slot'>[],
): { readonly from_time: number; readonly to_time: number } => {
  const slots = entries.map(({ price_slot }) => price_slot)
  const last = slots.reduce((most, slot) => Math.max(most, slot), 0)
  return { from_time: slots.reduce((least, slot) => Math.min(least, slot), last), to_time: last + 1 }
}

/** Costs by entry id. `entries` are of one trace or of one task. */
export const readEntryCosts = async (
  client: ClickHouseClient,
  database: string,
  entries: readonly CallRow[],
  { book, of }: { readonly book: string; readonly of: { readonly traceId: string } | { readonly task: string } },
): Promise<ReadonlyMap<string, EntryCost>> => {
  if (entries.length === 0) return new Map()
  const tenants = [...new Set(entries.map(({ tenant }) => tenant))]
  const rows = await queryKpiWhere<EntryCost>(client, database, {
    name: 'call_cost',
    args: { ...windowOfEntries(entries), tenants, book },
    where: 'traceId' in of ? { trace_id: of.traceId } : { task: of.task },
  })
  return new Map(rows.map((row) => [row.entry_id, row]))
}
