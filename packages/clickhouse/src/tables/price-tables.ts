/** Shapes of the price-book tables. Column meanings are the comments of `sql/migrations`. */
import { METERS, type Meter } from '@outlay/core'
import { defineTable, type RowOf } from './table-shape.ts'

const TWO_CLOCKS = {
  valid_from: 'seconds',
  valid_to: 'seconds',
  revision: 'uint32',
  recorded_at: 'millis',
  superseded_in: 'uint32',
  superseded_at: 'millis',
  origin: 'string',
} as const

export const priceRowsTable = defineTable('price_rows', {
  row_id: 'uint64',
  card: 'string',
  provider: 'string',
  model: 'string',
  region: 'string',
  tier: 'string',
  band: 'uint8',
  meter: 'string',
  currency: 'string',
  price: 'decimal9',
  per: 'uint32',
  fusd: 'int64',
  ninths: 'uint8',
  ...TWO_CLOCKS,
  source: 'string',
  source_url: 'string',
  checked_at: 'days',
  grade: 'string',
  derived_from: 'string',
  note: 'string',
})
export type StoredPriceRow = RowOf<typeof priceRowsTable>

export const priceBandsTable = defineTable('price_bands', {
  row_id: 'uint64',
  card: 'string',
  provider: 'string',
  model: 'string',
  region: 'string',
  tier: 'string',
  gt: 'uint32s',
  ...TWO_CLOCKS,
})
export type StoredPriceBand = RowOf<typeof priceBandsTable>

export const modelNamesTable = defineTable('model_names', {
  row_id: 'uint64',
  card: 'string',
  provider: 'string',
  name: 'string',
  model: 'string',
  region: 'string',
  rule: 'string',
  ...TWO_CLOCKS,
})
export type StoredModelName = RowOf<typeof modelNamesTable>

export const priceContractsTable = defineTable('price_contracts', {
  row_id: 'uint64',
  card: 'string',
  file_name: 'string',
  text: 'string',
  revision: 'uint32',
  recorded_at: 'millis',
  superseded_in: 'uint32',
  superseded_at: 'millis',
})
export type StoredContract = RowOf<typeof priceContractsTable>

export const priceStagingsTable = defineTable('price_stagings', {
  staging: 'uint32',
  staged_at: 'millis',
  base: 'uint32',
  author: 'string',
  reason: 'string',
  closes: 'uint64s',
})

export const whatIfBooksTable = defineTable('what_if_books', {
  name: 'string',
  defined_at: 'millis',
  base: 'string',
  definition: 'string',
  author: 'string',
  reason: 'string',
})

export const bandEdgesTable = defineTable('band_edges', {
  index: 'uint8',
  tokens: 'uint32',
  active_from: 'seconds',
  added_at: 'millis',
  author: 'string',
  reason: 'string',
})
export type StoredBandEdge = RowOf<typeof bandEdgesTable>

export const slotSplitsTable = defineTable('slot_splits', {
  provider: 'string',
  model: 'string',
  at: 'seconds',
  added_at: 'millis',
  author: 'string',
  reason: 'string',
})

type PriceColumn = `f_${Meter}`
const priceColumns = Object.fromEntries(METERS.map((meter) => [`f_${meter}`, 'optionalInt64'])) as Record<
  PriceColumn,
  'optionalInt64'
>

/** The columns `key` and `book_key` are left out: the database computes them with the functions the views look them up by. */
export const windowRowsTable = defineTable('price_window_rows', {
  book: 'string',
  tenant: 'string',
  scoped_book: 'string',
  sku: 'uint64',
  own_currency: 'uint8',
  window_from: 'seconds',
  window_to: 'seconds',
  state: 'string',
  currency: 'string',
  provider: 'string',
  model: 'string',
  region: 'string',
  tier: 'string',
  ...priceColumns,
  n_audio_second: 'uint8',
  n_container_second: 'uint8',
  vector: 'uint64',
})
export type WindowRow = RowOf<typeof windowRowsTable>

const vectorColumns = Object.fromEntries(METERS.map((meter) => [`f9_${meter}`, 'int64'])) as Record<
  `f9_${Meter}`,
  'int64'
>

/** Unit prices in ninths of femto-units, named by their content. */
export const priceVectorRowsTable = defineTable('price_vector_rows', {
  vector: 'uint64',
  priced_bits: 'uint32',
  ...vectorColumns,
})
export type PriceVectorRow = RowOf<typeof priceVectorRowsTable>

export const priceRevisionsTable = defineTable('price_revisions', {
  revision: 'uint32',
  applied_at: 'millis',
  author: 'string',
  reason: 'string',
  digest: 'string',
  kind: 'string',
})

export const priceWindowLoadsTable = defineTable('price_window_loads', {
  loaded_at: 'millis',
  revision: 'uint32',
  skus: 'uint32',
  windows: 'uint64',
})
