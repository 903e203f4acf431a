/**
 * SQL fragments that spell out the meters, generated from the one list in `@outlay/core`, so that a meter can never be
 * present in one table and forgotten in another. Each fragment is pasted into .sql files by `renderSql`.
 */
import { METER_DEFINITIONS, METERS, type Meter, TOKEN_METERS, UNIT_METERS } from '@outlay/core'

const commentOf = (meter: Meter): string => METER_DEFINITIONS[meter].description.replaceAll("'", "''")
const lines = (meters: readonly Meter[], line: (meter: Meter) => string, separator = ',\n'): string =>
  meters.map((meter) => `  ${line(meter)}`).join(separator)

/** Columns of `calls`: token meters wide, rare units in the `units` map. */
export const callMeterColumns = `${lines(
  TOKEN_METERS,
  (meter) => `${meter} UInt64 COMMENT '${commentOf(meter)}' CODEC(T64, ZSTD(1))`,
)},`

/** Columns of every counters target: all meters wide, signed, summed at merge. */
export const counterColumns = lines(
  METERS,
  (meter) => `${meter} SimpleAggregateFunction(sum, Int64) COMMENT 'Net: ${commentOf(meter)}' CODEC(T64, ZSTD(1))`,
)

/** What every counters target keys on beside its own dimensions: everything a price can depend on. */
export const keyColumns = [
  `  sku UInt64 COMMENT 'Price selectors of the calls, see skus',`,
  `  price_slot DateTime('UTC') COMMENT '30-minute UTC slot that prices the calls',`,
  `  usage_bits UInt32 COMMENT 'Bit n set: meter n is used by each of the calls. Bit 30: invalid usage. Bit 31: usage not reported',`,
].join('\n')

const unitExpression = (meter: Meter): string => `sum(sign * units['${meter}']) AS ${meter}`

/** Select list of every materialized view: a reversal subtracts what its charge added. */
export const signedMeters = [
  lines(TOKEN_METERS, (meter) => `sum(sign * ${meter}) AS ${meter}`),
  lines(UNIT_METERS, unitExpression),
].join(',\n')

/** Select list of a query over a target. */
export const sumMeters = METERS.map((meter) => `sum(${meter}) AS ${meter}`).join(', ')

/** Meters of single `calls` rows, for the per-call reference view. */
const callMeterQuantities = [
  ...TOKEN_METERS.map((meter) => `toInt64(${meter})`),
  ...UNIT_METERS.map((meter) => `toInt64(units['${meter}'])`),
].join(', ')

export const meterNames = METERS.join(', ')
/** The meter names as SQL string literals. */
export const meterList = METERS.map((meter) => `'${meter}'`).join(', ')
const priceNames = METERS.map((meter) => `f_${meter}`)
export const windowPriceNames = priceNames.join(', ')

export const windowPriceColumns = `${lines(
  METERS,
  (meter) =>
    `f_${meter} Nullable(Int64) COMMENT 'Femto-units of the currency per single unit of ${meter}; NULL = no price'`,
)},`

export const dictionaryPriceAttributes = `${lines(METERS, (meter) => `f_${meter} Nullable(Int64)`)},`

const dictionaryAttributes = [...priceNames, 'n_audio_second', 'n_container_second']
  .map((name) => `'${name}'`)
  .join(', ')

/** Any time: the book of a tenant is the same at all of them. */
const ANY_TIME = `toDateTime(0, 'UTC')`

const bookKeyOf = (book: 'book' | 'other_book'): string =>
  `dictGetOrDefault('{{db}}.price_windows', 'book_key', cityHash64({${book}:String}, toString(tenant)), ${ANY_TIME}, cityHash64({${book}:String}))`

/**
 * The key of a price: the book that the tenant is priced by, and the sku. Grouping by it instead of by the sku keeps
 * tenants with a contract apart, and joins all others.
 */
const priceKeyOf = (book: 'book' | 'other_book', sku: string): string => `cityHash64(${bookKeyOf(book)}, ${sku})`

export const priceKey = priceKeyOf('book', 'sku')
export const intendedPriceKey = priceKeyOf('book', 'intended_sku')
export const otherPriceKey = priceKeyOf('other_book', 'sku')
/** Sheets that are not in dollars have their prices under a key of their own. */
export const ownPriceKey = priceKeyOf('book', "sku, 'own'")

type PriceKey = 'price_key' | 'intended_price_key' | 'other_price_key' | 'own_price_key'

const windowOf = (key: PriceKey): string => key.replace('key', 'window')

/**
 * The window in which a slot is priced, by its start. All calls of one window cost the same: views group by it, and not
 * by the slot, so that a month of slots is one group.
 */
export const priceWindow = (key: PriceKey): string =>
  `dictGet('{{db}}.price_windows', 'window_start', ${key}, price_slot)`

interface Pricing {
  /** Column that holds the key of the price; beside it stands the window, in a column of its name. */
  readonly key: PriceKey
  /** Meter quantities in order, as SQL. */
  readonly quantities: string
  /** Put before every column this adds, so that two pricings can stand side by side. */
  readonly prefix: string
}

/**
 * The whole of pricing around a source: one lookup, one multiplication per meter, exact in ninths of femto-dollars.
 * Each stage is a subquery of its own: an alias used in place would be copied into every use, and a statement with
 * hundreds of lookups takes longer to analyse than to run.
 */
const pricedSource = (source: string, { key, quantities, prefix }: Pricing): string => {
  const prices = METERS.map((_, index) => `${prefix}prices.${index + 1}`).join(', ')
  const ninths = (meter: Meter, position: number): string =>
    `toInt128(${prefix}quantities[${METERS.indexOf(meter) + 1}]) * ${prefix}prices.${position}`
  return `(
    SELECT *, usage_bits >= 1073741824 OR notEmpty(${prefix}missing) AS ${prefix}unpriced
    FROM (
      SELECT *,
        toInt128(9) * arraySum(arrayMap((quantity, price) -> toInt128(quantity) * toInt128(ifNull(price, 0)), ${prefix}quantities, ${prefix}unit_prices))
          + ${ninths('audio_second', METERS.length + 1)} + ${ninths('container_second', METERS.length + 2)} AS ${prefix}femto9,
        arrayFilter((meter, price, position) -> isNull(price) AND bitTest(usage_bits, position), [${meterList}], ${prefix}unit_prices, range(${METERS.length})) AS ${prefix}missing
      FROM (
        SELECT *, [${prices}] AS ${prefix}unit_prices, [${quantities}] AS ${prefix}quantities
        FROM (
          SELECT *, dictGet('{{db}}.price_windows', (${dictionaryAttributes}), ${key}, ${windowOf(key)}) AS ${prefix}prices
          FROM ${source}
        )
      )
    )
  )`
}

/** Aggregated counters with their cost; the source has a `price_key` and a `price_window`. */
export const priced = (source: string): string =>
  pricedSource(source, { key: 'price_key', quantities: meterNames, prefix: '' })
/** The same counters at the price of the model that was asked for: columns begin with `intended_`. */
export const pricedAsIntended = (source: string): string =>
  pricedSource(source, { key: 'intended_price_key', quantities: meterNames, prefix: 'intended_' })
/** The same counters under a second book: columns begin with `other_`. */
export const pricedUnderOtherBook = (source: string): string =>
  pricedSource(source, { key: 'other_price_key', quantities: meterNames, prefix: 'other_' })
/** The same counters in the currency of their sheet, where that is not the dollar: columns begin with `own_`. */
export const pricedInOwnCurrency = (source: string): string =>
  pricedSource(source, { key: 'own_price_key', quantities: meterNames, prefix: 'own_' })
/** The same formula over single ledger entries. */
export const pricedCalls = (source: string): string =>
  pricedSource(source, { key: 'price_key', quantities: callMeterQuantities, prefix: '' })

/** Cost of the meter at `position` in ninths of femto-dollars, by the prices of one pricing. */
export const meterFemto9 = (prefix: string): string =>
  `toInt128(9) * toInt128(${prefix}quantities[position]) * toInt128(ifNull(${prefix}unit_prices[position], 0))` +
  ` + toInt128(${prefix}quantities[position]) * multiIf(meter = 'audio_second', ${prefix}prices.${METERS.length + 1}, meter = 'container_second', ${prefix}prices.${METERS.length + 2}, 0)`

const sumOf = (side: 'input' | 'output'): string =>
  METERS.filter((meter) => METER_DEFINITIONS[meter].side === side).join(' + ')

export const inputTokens = `(${sumOf('input')})`
export const outputTokens = `(${sumOf('output')})`

const positionOf = (meter: Meter): number => METERS.indexOf(meter) + 1
const outputPrice = `unit_prices[${positionOf('output')}]`
const inputPrice = `unit_prices[${positionOf('input')}]`

/**
 * Effective tokens (kpis.md): input side + output × m, where m = output price ÷ input price of the model at that time;
 * 4 where the model has no price.
 */
export const effectiveTokens = `(${inputTokens} + ${outputTokens} * if(ifNull(${inputPrice}, 0) > 0 AND isNotNull(${outputPrice}), assumeNotNull(${outputPrice}) / assumeNotNull(${inputPrice}), 4.))`

const outputPositions = METERS.filter((meter) => METER_DEFINITIONS[meter].side === 'output').map(positionOf)
/** Cost of the output side in ninths of femto-dollars. */
export const outputFemto9 = `toInt128(9) * (${outputPositions.map((p) => `toInt128(quantities[${p}]) * toInt128(ifNull(unit_prices[${p}], 0))`).join(' + ')})`
