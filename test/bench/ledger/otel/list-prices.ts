/** The price table that people keep beside raw spans: one list price per model and time. */
import { type BenchLedger } from '../bench-ledger.ts'
import { QUARTER_FROM, QUARTER_TO } from '../period.ts'
import { type SelectorRow, selectorRowsOf } from '../price-selectors.ts'
import { buildPriceWindows, type CompiledBook, type PriceWindow } from '@outlay/pricing'

const FEMTO = 1e15

interface ListPrice {
  readonly model: string
  readonly valid_from: number
  readonly input_usd: number
  readonly cache_read_usd: number
  readonly cache_write_usd: number
  readonly output_usd: number
}

const windowsOf = (book: CompiledBook, row: SelectorRow): readonly PriceWindow[] => {
  const { sku, price_provider: provider, price_model: model, price_region: region, price_tier: tier, band } = row
  const parts = { sku: BigInt(sku), provider, model, region, tier, promptBand: band }
  return buildPriceWindows(book, [parts], { book: 'bench' }).filter(
    ({ from, to }) => to > QUARTER_FROM && from < QUARTER_TO,
  )
}

const priceOf = ({ fusd, from }: PriceWindow, model: string): ListPrice => {
  const usd = (femtoUsd: bigint | undefined): number => Number(femtoUsd ?? 0n) / FEMTO
  return {
    model,
    valid_from: Math.max(from, 0),
    input_usd: usd(fusd.input),
    cache_read_usd: usd(fusd.cache_read),
    cache_write_usd: usd(fusd.cache_write_5m),
    output_usd: usd(fusd.output),
  }
}

const pricesOf = (book: CompiledBook, row: SelectorRow): readonly ListPrice[] =>
  windowsOf(book, row).map((window) => priceOf(window, row.model))

/** Short prompts at the plain tier: what stands in the first line of a price page. */
const isListed = ({ service_tier: tier, batch, band }: SelectorRow): boolean => tier === '' && batch === 0 && band === 0

export const insertListPrices = async ({ client, book }: BenchLedger, table: string): Promise<void> => {
  const values = selectorRowsOf(book)
    .filter(isListed)
    .flatMap((row) => pricesOf(book, row))
  await client.insert({ table, values, format: 'JSONEachRow' })
}

/** Models for which that table is right: one price at every tier and length of prompt, and no meter that it lacks. */
export const modelsOfOnePrice = (book: CompiledBook): readonly string[] => {
  const rowsOfModel = Map.groupBy(selectorRowsOf(book), ({ model }) => model)
  return [...rowsOfModel]
    .filter(([, rows]) => rows.every(({ cache, images, searches }) => cache < 2 && images === 0 && searches === 0))
    .filter(([, rows]) => new Set(rows.map((row) => JSON.stringify(pricesOf(book, row)))).size === 1)
    .map(([model]) => model)
}
