/**
 * Keeps the compiled price windows in step with the price book and the skus of the ledger.
 *
 * Guarantees: readers see the old windows or the new ones, never a mixture (rows are written beside and exchanged, then
 * the dictionary is swapped); not one ledger row is written; a crash at any point leaves the old windows in place.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { type Clock, METERS, randomHex } from '@outlay/core'
import { type BookData, buildPriceWindows, type PriceWindow } from '@outlay/pricing'
import { encodeUnit, writeRows } from '#src/ledger/write-rows.ts'
import { insertUnit } from '#src/ledger/insert-unit.ts'
import { priceWindowLoadsTable, type WindowRow, windowRowsTable } from '#src/tables/price-tables.ts'
import { readStoredBooks, type StoredBook } from './price-store.ts'

interface WindowLoaderSettings {
  readonly client: ClickHouseClient
  readonly database: string
  readonly foldings: BookData['foldings']
  readonly bandEdges: BookData['bandEdges']
  readonly clock: Clock
}

export interface WindowLoad {
  readonly revision: number
  readonly skus: number
  readonly windows: number
}

export interface WindowLoader {
  /** Recompiles and swaps if the book or the set of skus changed since the last call; else answers `undefined`. */
  refresh(): Promise<WindowLoad | undefined>
}

const STAGING = 'price_window_rows_next_'
const STAGING_ID_BYTES = 6
const STAGING_AGE_SECONDS = 600
const ROWS_PER_BLOCK = 50_000

export const createWindowLoader = (settings: WindowLoaderSettings): WindowLoader => {
  let loaded: Fingerprint = { book: '', skus: '' }
  let known: { readonly fingerprint: string; readonly books: readonly StoredBook[] } | undefined
  const refresh = async (): Promise<WindowLoad | undefined> => {
    const fingerprint = await fingerprintOf(settings)
    if (fingerprint.book === loaded.book && fingerprint.skus === loaded.skus) return undefined
    // New skus come with every new model; the book itself changes rarely and is read again only then.
    if (known?.fingerprint !== fingerprint.book) {
      known = { fingerprint: fingerprint.book, books: await readStoredBooks(settings.client, settings.database) }
    }
    const load = await compileAndSwap(settings, known.books)
    loaded = fingerprint
    return load
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

/** Changes whenever a price, a name, a band or a sku appears or is closed. */
const fingerprintOf = async ({ client, database }: WindowLoaderSettings): Promise<Fingerprint> => {
  const book = ['price_rows', 'price_bands', 'model_names'].map(
    (table) => `(SELECT (count(), countIf(superseded_in > 0), max(recorded_at)) FROM ${database}.${table})`,
  )
  const result = await client.query({
    query: `SELECT toString((${book.join(', ')})) AS book, toString((SELECT uniqExact(sku) FROM ${database}.skus)) AS skus`,
    format: 'JSONEachRow',
  })
  const [row] = await result.json<Fingerprint>()
  if (!row) throw new Error('BUG: the fingerprint is one row')
  return row
}

interface StoredSku {
  readonly sku: string
  readonly provider: string
  readonly model: string
  readonly region: string
  readonly tier: string
  readonly prompt_band: number
}

const readSkus = async ({ client, database }: WindowLoaderSettings) => {
  const result = await client.query({
    query: `SELECT sku, provider, model, region, tier, prompt_band FROM ${database}.skus GROUP BY ALL ORDER BY sku`,
    format: 'JSONEachRow',
  })
  const rows = await result.json<StoredSku>()
  return rows.map(({ sku, prompt_band, ...parts }) => ({ ...parts, sku: BigInt(sku), promptBand: prompt_band }))
}

const compileAndSwap = async (settings: WindowLoaderSettings, books: readonly StoredBook[]): Promise<WindowLoad> => {
  const { client, database, foldings, bandEdges, clock } = settings
  const skus = await readSkus(settings)
  const windows = books.flatMap((book) =>
    buildPriceWindows({ ...book, foldings, bandEdges }, skus, { book: book.name }),
  )
  const revision = Math.max(...books.map((book) => book.revision))
  await swapWindows(settings, windows.map(windowRowOf))
  const loadedAt = clock.now()
  await writeRows(client, database, priceWindowLoadsTable, {
    rows: [{ loaded_at: BigInt(loadedAt), revision, skus: skus.length, windows: BigInt(windows.length) }],
    token: `windows:${loadedAt}:${revision}:${skus.length}:${windows.length}`,
  })
  return { revision, skus: skus.length, windows: windows.length }
}

const swapWindows = async ({ client, database }: WindowLoaderSettings, rows: readonly WindowRow[]): Promise<void> => {
  await dropStaging(client, database)
  const staging = `${STAGING}${randomHex(STAGING_ID_BYTES)}`
  await client.command({ query: `CREATE TABLE ${database}.${staging} AS ${database}.price_window_rows` })
  for (let start = 0; start < rows.length; start += ROWS_PER_BLOCK) {
    const unit = encodeUnit(windowRowsTable, rows.slice(start, start + ROWS_PER_BLOCK), `${staging}:${start}`)
    const outcome = await insertUnit(client, database, { ...unit, table: staging })
    if (outcome.status !== 'accepted')
      throw new Error(`price windows were not accepted: ${outcome.status} ${outcome.code}`)
  }
  await client.command({ query: `EXCHANGE TABLES ${database}.price_window_rows AND ${database}.${staging}` })
  await client.command({ query: `SYSTEM RELOAD DICTIONARY ${database}.price_windows` })
  await client.command({ query: `DROP TABLE IF EXISTS ${database}.${staging}` })
}

/** A load that was killed leaves its staging table behind. A young one may belong to another collector that is loading now. */
const dropStaging = async (client: ClickHouseClient, database: string): Promise<void> => {
  const result = await client.query({
    query:
      'SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String}) AND metadata_modification_time < now() - {ageSeconds:UInt32}',
    query_params: { database, prefix: STAGING, ageSeconds: STAGING_AGE_SECONDS },
    format: 'JSONEachRow',
  })
  for (const { name } of await result.json<{ name: string }>()) {
    await client.command({ query: `DROP TABLE IF EXISTS ${database}.${name}` })
  }
}

/** Views add up dollars: a sheet in another currency stays visible as unpriced until amounts are shown per currency. */
const isInDollars = ({ currency }: PriceWindow): boolean => currency === '' || currency === 'USD'

const windowRowOf = (window: PriceWindow): WindowRow => ({
  book: window.book,
  sku: window.sku,
  window_from: window.from,
  window_to: window.to,
  state: window.state,
  currency: window.currency,
  provider: window.provider,
  model: window.model,
  region: window.region,
  tier: window.tier,
  ...(Object.fromEntries(
    METERS.map((meter) => [`f_${meter}`, isInDollars(window) ? (window.fusd[meter] ?? null) : null]),
  ) as Pick<WindowRow, Extract<keyof WindowRow, `f_${string}`>>),
  n_audio_second: window.ninthsAudioSecond,
  n_container_second: window.ninthsContainerSecond,
})
