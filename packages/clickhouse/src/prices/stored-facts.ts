/** Price book ↔ database rows: the same facts in the two spellings, and nothing else. */
import { formatDecimal, type Meter, parseDecimal } from '@outlay/core'
import type { ContractText, ModelName, PriceRow, Recorded, SheetBands } from '@outlay/pricing'
import type { StoredContract, StoredModelName, StoredPriceBand, StoredPriceRow } from '#src/tables/price-tables.ts'

const OPEN_MS = BigInt(Date.UTC(2299, 11, 31))
const DAY_MS = 86_400_000
const PRICE_DECIMALS = 9

const knowledge = ({ revision, rowId }: Recorded<unknown>, atMs: number) => ({
  row_id: rowId,
  revision,
  recorded_at: BigInt(atMs),
  superseded_in: 0,
  superseded_at: OPEN_MS,
})

const twoClocks = (entry: Recorded<{ readonly validFrom: number; readonly validTo: number }>, atMs: number) => ({
  ...knowledge(entry, atMs),
  valid_from: entry.fact.validFrom,
  valid_to: entry.fact.validTo,
  origin: entry.origin,
})

export const storePriceRow = (entry: Recorded<PriceRow>, atMs: number): StoredPriceRow => {
  const row = entry.fact
  return {
    card: row.card,
    provider: row.provider,
    model: row.model,
    region: row.region,
    tier: row.tier,
    band: row.band,
    meter: row.meter,
    currency: row.currency,
    price: parseDecimal(row.price, PRICE_DECIMALS),
    per: row.per,
    fusd: row.fusd,
    ninths: row.ninths,
    ...twoClocks(entry, atMs),
    source: row.source,
    source_url: row.sourceUrl,
    checked_at: Math.floor(Date.parse(`${row.checkedAt}T00:00:00Z`) / DAY_MS),
    grade: row.grade,
    derived_from: row.derivedFrom,
    note: row.note,
  }
}

export const readPriceRow = (row: StoredPriceRow): PriceRow => ({
  rowId: row.row_id,
  card: row.card,
  provider: row.provider,
  model: row.model,
  region: row.region,
  tier: row.tier,
  band: row.band,
  meter: row.meter as Meter,
  currency: row.currency,
  price: formatDecimal(row.price, PRICE_DECIMALS),
  per: row.per,
  fusd: row.fusd,
  ninths: row.ninths,
  validFrom: row.valid_from,
  validTo: row.valid_to,
  source: row.source,
  sourceUrl: row.source_url,
  checkedAt: new Date(row.checked_at * DAY_MS).toISOString().slice(0, 10),
  grade: row.grade as PriceRow['grade'],
  derivedFrom: row.derived_from,
  note: row.note,
})

export const storePriceBand = (entry: Recorded<SheetBands>, atMs: number): StoredPriceBand => {
  const { card, provider, model, region, tier, gt } = entry.fact
  return { ...twoClocks(entry, atMs), card, provider, model, region, tier, gt }
}

export const readPriceBand = (row: StoredPriceBand): SheetBands => ({
  card: row.card,
  provider: row.provider,
  model: row.model,
  region: row.region,
  tier: row.tier,
  gt: row.gt,
  validFrom: row.valid_from,
  validTo: row.valid_to,
})

export const storeModelName = (entry: Recorded<ModelName>, atMs: number): StoredModelName => {
  const { card, provider, name, model, region, rule } = entry.fact
  return { ...twoClocks(entry, atMs), card, provider, name, model, region, rule }
}

export const readModelName = (row: StoredModelName): ModelName => ({
  card: row.card,
  provider: row.provider,
  name: row.name,
  rule: row.rule as ModelName['rule'],
  model: row.model,
  region: row.region,
  validFrom: row.valid_from,
  validTo: row.valid_to,
})

export const storeContract = (entry: Recorded<ContractText>, atMs: number): StoredContract => {
  const { card, file, text } = entry.fact
  return { ...knowledge(entry, atMs), card, file_name: file, text }
}

export const readContract = ({ card, file_name: file, text }: StoredContract): ContractText => ({ card, file, text })
