/**
 * Keeps the compiled price windows in step with the price book and the skus of the ledger.
 *
 * Guarantees: readers see the old windows or the new ones, never a mixture (rows are written beside and put in place whole,
 * then the dictionary is swapped; the prices that they name are there before them and stay); not one ledger row is written; a
 * crash at any point leaves the old windows in place. On a cluster that holds for every server by itself: each changes at once,
 * not all at the same instant.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import type { Clock } from '@outlay/core'
import type { BookTables } from '@outlay/pricing'
import { readStoredSkus } from './stored-skus.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { readWhole } from '#src/schema/stored-form.ts'
import { priceWindowLoadsTable } from '#src/tables/price-tables.ts'
import { createWindowCompiler, type Sku } from './compile-windows.ts'
import { type BookSources, readBookSources } from './stored-books.ts'
import { swapWindows } from './swap-windows.ts'
import { createVectorStore } from './vector-store.ts'

interface WindowLoaderSettings extends BookTables {
  readonly client: ClickHouseClient
  readonly database: string
  readonly clock: Clock
}

export interface WindowLoad {
  readonly revision: number
  readonly skus: number
  readonly windows: number
  /** Books that no longer fit what they build on: nothing is priced by them. */
  readonly broken: readonly { readonly name: string; readonly error: unknown }[]
}

export interface WindowLoader {
  /** Recompiles and swaps if the book or the set of skus changed since the last call; else answers `undefined`. */
  refresh(): Promise<WindowLoad | undefined>
}

export const createWindowLoader = (settings: WindowLoaderSettings): WindowLoader => {
  const { client, database, clock } = settings
  const compiler = createWindowCompiler()
  const vectors = createVectorStore(client, database)
  let loaded: Fingerprint = { book: '', skus: '' }
  let known: { readonly fingerprint: string; readonly sources: BookSources } | undefined
  const refresh = async (): Promise<WindowLoad | undefined> => {
    const fingerprint = await fingerprintOf(settings)
    if (fingerprint.book === loaded.book && fingerprint.skus === loaded.skus) return undefined
    // New skus come with every new model; the book itself changes rarely and is read again only then.
    if (known?.fingerprint !== fingerprint.book) {
      known = { fingerprint: fingerprint.book, sources: await readBookSources(client, database, settings) }
    }
    const skus = await readSkus(settings)
    // An edge that was appended since the book was read: calls that are cut at it may be here already.
    if (skus.some(({ promptBand }) => promptBand >= (known?.sources.recorded.bandEdges.length ?? 0))) {
      known = { fingerprint: fingerprint.book, sources: await readBookSources(client, database, settings) }
    }
    const { sources } = known
    const { rows, broken } = compiler.compile(sources, skus)
    await vectors.add(rows)
    await swapWindows(client, database, rows)
    const load = { revision: sources.revisions.at(-1)?.revision ?? 0, skus: skus.length, windows: rows.length }
    const loadedAt = clock.now()
    await writeRows(client, database, priceWindowLoadsTable, {
      rows: [{ ...load, loaded_at: BigInt(loadedAt), windows: BigInt(load.windows) }],
      token: `windows:${loadedAt}:${load.revision}:${load.skus}:${load.windows}`,
    })
    loaded = fingerprint
    return { ...load, broken }
  }
  // One at a time: two swaps at once would exchange tables under each other.
  let last: Promise<unknown> = Promise.resolve()
  return {
    refresh: () => {
      const next = last.then(refresh, refresh)
      last = next
      return next
    },
  }
}

interface Fingerprint {
  readonly book: string
  readonly skus: string
}

/** Changes whenever a fact appears or is closed, a revision is applied or staged, a what-if book is defined, an edge or a split is appended, or a sku is seen. */
const fingerprintOf = async ({ client, database }: WindowLoaderSettings): Promise<Fingerprint> => {
  const whole = await readWhole(client, database)
  const facts = ['price_rows', 'price_bands', 'model_names', 'price_contracts'].map(
    (table) => `(SELECT (count(), countIf(superseded_in > 0), max(recorded_at)) FROM ${database}.${table})`,
  )
  const others = [
    `(SELECT (count(), max(revision)) FROM ${database}.price_revisions)`,
    `(SELECT count() FROM ${database}.price_stagings)`,
    `(SELECT count() FROM ${database}.what_if_books)`,
    `(SELECT count() FROM ${database}.band_edges)`,
    `(SELECT count() FROM ${database}.slot_splits)`,
  ]
  const result = await client.query({
    query: `SELECT toString((${[...facts, ...others].join(', ')})) AS book, toString((SELECT uniqExact(sku) FROM ${whole('skus')})) AS skus`,
    format: 'JSONEachRow',
  })
  const [row] = await result.json<Fingerprint>()
  if (!row) throw new Error('BUG: the fingerprint is one row')
  return row
}

const readSkus = async ({ client, database }: WindowLoaderSettings): Promise<Sku[]> => {
  const rows = await readStoredSkus(client, database)
  return rows.map(({ sku, prompt_band, ...parts }) => ({ ...parts, sku: BigInt(sku), promptBand: prompt_band }))
}
