/**
 * Loads facts that a person gave. Guarantees: all rows or none (one block); repeating a load changes nothing; after the
 * files A, B, A are loaded, A holds again. Only rows that differ from what holds are written, each load with a later
 * `loaded_at` than all before it; the token names the state that the load was compared with, so that a retry whose first
 * attempt was stored unseen is dropped, and the same rows in a later state are not. Of two different loads at the same
 * moment either may hold.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { type Clock, digestOf } from '@outlay/core'
import { writeRows } from '#src/ledger/write-rows.ts'
import {
  columnNames,
  defineTable,
  parseRow,
  type RowOf,
  selectListOf,
  type TableColumns,
  type TableShape,
} from '#src/tables/table-shape.ts'

const TOKEN_BYTES = 16

/** A row of any table of facts. */
export type FactRow = RowOf<TableShape<TableColumns>>

interface FactLoad {
  readonly rows: readonly FactRow[]
  /** Rows of one key are versions of one fact. No two of the given rows may have the same one. */
  readonly keyOf: (row: FactRow) => string
  readonly clock: Clock
}

export interface FactLoadResult {
  /** Rows that were written now; the others held already. */
  readonly written: number
}

/** Fails with `E_INSERT`; then nothing was written, or the same load can be repeated safely. */
export const loadFacts = async (
  client: ClickHouseClient,
  database: string,
  shape: TableShape<TableColumns>,
  { rows, keyOf, clock }: FactLoad,
): Promise<FactLoadResult> => {
  const wanted = new Map(rows.map((row) => [keyOf(row), fingerprintOf(shape, row)]))
  const { held, latestLoadMs } = await readHeld(client, database, shape, { isWanted: (key) => wanted.has(key), keyOf })
  const changed = rows.filter((row) => held.get(keyOf(row)) !== wanted.get(keyOf(row)))
  if (changed.length === 0) return { written: 0 }
  // Later than every load before it, whatever the clock of this machine says.
  const loadedAt = BigInt(Math.max(clock.now(), latestLoadMs + 1))
  const loads = defineTable(shape.table, { ...shape.columns, loaded_at: 'millis' })
  await writeRows(client, database, loads, {
    rows: changed.map((row) => ({ ...row, loaded_at: loadedAt })),
    token: `facts:${digestOf([String(latestLoadMs), ...changed.map((row) => fingerprintOf(shape, row))], TOKEN_BYTES).toString('hex')}`,
  })
  return { written: changed.length }
}

const fingerprintOf = (shape: TableShape<TableColumns>, row: object): string =>
  JSON.stringify(
    columnNames(shape).map((name) => {
      const value: unknown = Reflect.get(row, name)
      return typeof value === 'bigint' ? String(value) : value
    }),
  )

/** What holds now for the wanted keys: of each the version that was loaded last. Read as a stream, kept for those keys only. */
const readHeld = async (
  client: ClickHouseClient,
  database: string,
  shape: TableShape<TableColumns>,
  { isWanted, keyOf }: { readonly isWanted: (key: string) => boolean; readonly keyOf: FactLoad['keyOf'] },
): Promise<{ held: Map<string, string>; latestLoadMs: number }> => {
  const result = await client.query({
    query: `SELECT ${selectListOf(shape)}, toUnixTimestamp64Milli(loaded_at) AS load_ms FROM ${database}.${shape.table}`,
    format: 'JSONCompactEachRow',
  })
  const held = new Map<string, string>()
  const loadOf = new Map<string, number>()
  let latestLoadMs = 0
  for await (const chunk of result.stream<readonly unknown[]>()) {
    for (const line of chunk) {
      const cells = line.json()
      const loadMs = Number(cells.at(-1))
      latestLoadMs = Math.max(latestLoadMs, loadMs)
      const row = parseRow(shape, cells)
      const key = keyOf(row)
      if (!isWanted(key) || (loadOf.get(key) ?? -1) > loadMs) continue
      loadOf.set(key, loadMs)
      held.set(key, fingerprintOf(shape, row))
    }
  }
  return { held, latestLoadMs }
}
