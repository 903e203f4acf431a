/**
 * Keeps every set of prices that a window may name in the dictionaries that views multiply with.
 *
 * Guarantee: once `add` is done, each vector of the rows can be looked up, and so can all that were added before: windows
 * may be swapped afterwards, and queries that still read the old ones stay right.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { createHash } from 'node:crypto'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { priceVectorRowsTable, type WindowRow } from '#src/tables/price-tables.ts'
import { reloadDictionaries } from './reload-dictionaries.ts'
import { NO_PRICES, vectorRowOf } from './price-vectors.ts'

interface VectorStore {
  add(windows: readonly WindowRow[]): Promise<void>
}

export const createVectorStore = (client: ClickHouseClient, database: string): VectorStore => {
  let known: Set<bigint> | undefined
  return {
    add: async (windows) => {
      const isFirst = known === undefined
      known ??= await readVectors(client, database)
      const stored = known
      const missing = new Map<bigint, WindowRow>()
      for (const window of windows) {
        if (window.vector !== NO_PRICES && !stored.has(window.vector)) missing.set(window.vector, window)
      }
      const rows = [...missing.values()].map(vectorRowOf)
      const digest = createHash('sha256')
        .update([...missing.keys()].join(','))
        .digest('hex')
      await writeRows(client, database, priceVectorRowsTable, { rows, token: `vectors:${digest}` })
      // Rows that another process wrote may not be in the dictionaries of this server yet.
      if (rows.length > 0 || isFirst) await reload(client, database)
      for (const vector of missing.keys()) stored.add(vector)
    },
  }
}

const readVectors = async (client: ClickHouseClient, database: string): Promise<Set<bigint>> => {
  const rows = await readRows(client, database, priceVectorRowsTable, { where: '1' })
  return new Set(rows.map(({ vector }) => vector))
}

const reload = (client: ClickHouseClient, database: string): Promise<void> =>
  reloadDictionaries(client, database, {
    table: priceVectorRowsTable.table,
    dictionaries: ['price_vectors', 'meter_prices'],
    // On every server these come before the windows that name them, which are told next.
    isTold: true,
  })
