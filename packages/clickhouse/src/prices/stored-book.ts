/** Price book ↔ database rows: the same facts in the two spellings, and nothing else. */
import { formatDecimal, type Meter, parseDecimal } from '@outlay/core'
import type { ModelName, PriceRow, SheetBands } from '@outlay/pricing'
import { digest64 } from '@outlay/core'
import type { StoredModelName, StoredPriceBand, StoredPriceRow } from '#src/tables/price-tables.ts'

/** Knowledge time of rows that are written together. */
export interface RevisionStamp {
  readonly revision: number
  readonly recordedAtMs: number
}

const OPEN_MS = BigInt(Date.UTC(2299, 11, 31))
const DAY_MS = 86_400_000
const PRICE_DECIMALS = 9

const twoClocks = (window: { validFrom: number; validTo: number }, { revision, recordedAtMs }: RevisionStamp) => ({
  valid_from: window.validFrom,
  valid_to: window.validTo,
  revision,
  recorded_at: BigInt(recordedAtMs),
  superseded_in: 0,
  superseded_at: OPEN_MS,
})

export const storePriceRow = (row: PriceRow, stamp: RevisionStamp): StoredPriceRow => ({
  row_id: row.rowId,
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
  ...twoClocks(row, stamp),
  source: row.source,
  source_url: row.sourceUrl,
  checked_at: Math.floor(Date.parse(`${row.checkedAt}T00:00:00Z`) / DAY_MS),
  grade: row.grade,
  derived_from: row.derivedFrom,
  note: row.note,
})

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

export const storePriceBand = (band: SheetBands, stamp: RevisionStamp): StoredPriceBand => ({
  row_id: digest64([
    band.card,
    band.provider,
    band.model,
    band.region,
    band.tier,
    band.gt.join(),
    `${band.validFrom}`,
    `${band.validTo}`,
  ]),
  card: band.card,
  provider: band.provider,
  model: band.model,
  region: band.region,
  tier: band.tier,
  gt: band.gt,
  ...twoClocks(band, stamp),
})

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

export const storeModelName = (name: ModelName, stamp: RevisionStamp): StoredModelName => ({
  row_id: digest64([
    name.card,
    name.provider,
    name.name,
    name.rule,
    name.model,
    name.region,
    `${name.validFrom}`,
    `${name.validTo}`,
  ]),
  card: name.card,
  provider: name.provider,
  name: name.name,
  model: name.model,
  region: name.region,
  rule: name.rule,
  ...twoClocks(name, stamp),
})

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
