import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import { LEDGER_TABLES } from './counters-targets.ts'

export interface TableSize {
  readonly table: string
  readonly rows: number
  readonly bytes: number
}

export interface StorageResult {
  readonly tables: readonly TableSize[]
  readonly callsBytes: number
  readonly targetsBytes: number
  /** All eight targets ÷ `calls`. */
  readonly ratio: number
}

/** Bytes on disk of the active parts, merged to one per month. */
export const measureStorage = async ({ client, database }: BenchLedger): Promise<StorageResult> => {
  const rows = await rowsOf<{ table: string; entries: string; bytes: string }>(
    client,
    `SELECT table, sum(rows) AS entries, sum(bytes_on_disk) AS bytes FROM system.parts
      WHERE active AND database = {database:String} AND table IN {tables:Array(String)} GROUP BY table ORDER BY sum(bytes_on_disk) DESC`,
    { database, tables: LEDGER_TABLES },
  )
  const tables = rows.map(({ table, entries, bytes }) => ({ table, rows: Number(entries), bytes: Number(bytes) }))
  const callsBytes = tables.find(({ table }) => table === 'calls')?.bytes ?? 0
  const targetsBytes = tables.reduce((sum, { table, bytes }) => (table === 'calls' ? sum : sum + bytes), 0)
  return { tables, callsBytes, targetsBytes, ratio: targetsBytes / callsBytes }
}
