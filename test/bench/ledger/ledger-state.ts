/** What the ledger and its targets hold, down to the bytes: equal before and after means that nothing was written. */
import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import { HOT_METERS, LEDGER_TABLES, TARGETS } from './counters-targets.ts'

/** One line per active part and per sum, in order. */
export type LedgerState = readonly string[]

export const readLedgerState = async ({ client, database }: BenchLedger): Promise<LedgerState> => {
  const parts = await rowsOf<{ part: string }>(
    client,
    `SELECT toString((table, name, rows, bytes_on_disk, modification_time, hash_of_all_files)) AS part FROM system.parts
      WHERE active AND database = {database:String} AND table IN {tables:Array(String)} ORDER BY table, name`,
    { database, tables: LEDGER_TABLES },
  )
  const sums: string[] = []
  for (const target of TARGETS) {
    const columns = [
      ...['calls', 'charges', 'input_tokens', 'output_tokens', ...HOT_METERS].map((column) => `sum(${column})`),
      'sumMap(rare)',
    ].join(', ')
    const rows = await rowsOf<{ sums: string }>(
      client,
      `SELECT toString(tuple(count(), ${columns}, sum(cityHash64(sku, price_slot, usage_bits, calls, charges, input, output, rare)))) AS sums FROM ${database}.${target}`,
    )
    sums.push(`${target} ${rows[0]?.sums}`)
  }
  const calls = await rowsOf<{ sums: string }>(
    client,
    `SELECT toString((count(), sum(sign), sum(cityHash64(entry_id, sku, price_slot, usage_bits, input, output)))) AS sums FROM ${database}.calls`,
  )
  return [...parts.map(({ part }) => part), ...sums, `calls ${calls[0]?.sums}`]
}
