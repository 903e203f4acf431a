/**
 * SQL fragments that spell out the meters, generated from the one list in `@outlay/core`, so that a meter can never be
 * present in one table and forgotten in another. Each fragment is pasted into .sql files by `renderSql`.
 *
 * Counters keep the meters that nearly every call has in columns of their own and all others in the map `rare`, which is
 * empty for most rows: a view reads and multiplies six columns instead of twenty-five.
 */
import {
  INPUT_METERS,
  METER_DEFINITIONS,
  METERS,
  type Meter,
  OUTPUT_METERS,
  TOKEN_METERS,
  UNIT_METERS,
} from '@outlay/core'

/** In the columns of counters and of the dictionary `price_vectors`. */
const HOT_METERS = ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'output_reasoning'] as const
const isHot = (meter: Meter): boolean => HOT_METERS.some((hot) => hot === meter)
const RARE_METERS = METERS.filter((meter) => !isHot(meter))

const INVALID_USAGE_BIT = 30
const bitOf = (meter: Meter): number => METERS.indexOf(meter)
/** Rows without any of these bits have an empty map; invalid usage may hold anything. */
const RARE_BITS = RARE_METERS.map(bitOf).reduce((bits, bit) => bits + 2 ** bit, 2 ** INVALID_USAGE_BIT)

const commentOf = (meter: Meter): string => METER_DEFINITIONS[meter].description.replaceAll("'", "''")
const lines = <Name extends string>(names: readonly Name[], line: (name: Name) => string, separator = ',\n'): string =>
  names.map((name) => `  ${line(name)}`).join(separator)

/** Columns of `calls`: token meters wide, rare units in the `units` map. */
export const callMeterColumns = `${lines(
  TOKEN_METERS,
  (meter) => `${meter} UInt64 COMMENT '${commentOf(meter)}' CODEC(T64, ZSTD(1))`,
)},`

const SUM = 'SimpleAggregateFunction(sum, Int64)'

/** What every counters target sums: calls, what is charged, tokens of each side, and the meters. */
export const counterColumns = [
  `  calls ${SUM} COMMENT 'Net calls (part = main)' CODEC(T64, ZSTD(1)),`,
  `  charges ${SUM} COMMENT 'Net charges: calls, and parts of calls that are billed beside them' CODEC(T64, ZSTD(1)),`,
  `  input_tokens ${SUM} COMMENT 'Net tokens of all input meters' CODEC(T64, ZSTD(1)),`,
  `  output_tokens ${SUM} COMMENT 'Net tokens of all output meters' CODEC(T64, ZSTD(1)),`,
  ...HOT_METERS.map((meter) => `  ${meter} ${SUM} COMMENT 'Net: ${commentOf(meter)}' CODEC(T64, ZSTD(1)),`),
  `  rare SimpleAggregateFunction(sumMap, Map(String, Int64)) COMMENT 'Net quantities of every other meter, by its name; empty for most rows'`,
].join('\n')

/** What every counters target keys on beside its own dimensions: everything a price can depend on. */
export const keyColumns = [
  `  sku UInt64 COMMENT 'Price selectors of the calls, see skus',`,
  `  price_slot DateTime('UTC') COMMENT '30-minute UTC slot that prices the calls' CODEC(Delta(4), ZSTD(1)),`,
  `  usage_bits UInt32 COMMENT 'Bit n set: meter n is used by each of the calls. Bit 30: invalid usage. Bit 31: usage not reported' CODEC(T64, ZSTD(1)),`,
].join('\n')

const quantityInCalls = (meter: Meter): string => (UNIT_METERS.includes(meter) ? `units['${meter}']` : meter)

/** The rare meters of one row of `calls`, as a map of signed quantities. */
const rareOfCall = `if(bitAnd(usage_bits, ${RARE_BITS}) = 0, CAST(map(), 'Map(String, Int64)'), mapFilter((meter, quantity) -> quantity != 0, map(${RARE_METERS.map((meter) => `'${meter}', toInt64(sign * ${quantityInCalls(meter)})`).join(', ')})))`

const signedCountersOf = (inputTotal: string, outputTotal: string): string =>
  [
    `  sum(sign * (part = 'main')) AS calls`,
    `  sum(sign) AS charges`,
    `  sum(sign * ${inputTotal}) AS input_tokens`,
    `  sum(sign * ${outputTotal}) AS output_tokens`,
    lines(HOT_METERS, (meter) => `sum(sign * ${meter}) AS ${meter}`),
    `  sumMap(${rareOfCall}) AS rare`,
  ].join(',\n')

/** Select list of every materialized view: a reversal subtracts what its charge added. */
export const signedCounters = signedCountersOf('input_total', 'output_total')

const sumOfEntries = (meters: readonly Meter[]): string => `(${meters.map((meter) => `entries.${meter}`).join(' + ')})`
/** The same of entries that carry no totals. */
export const signedCountersOfOpen = signedCountersOf(sumOfEntries(INPUT_METERS), sumOfEntries(OUTPUT_METERS))

/** The same columns of a single entry, unsigned, as `{{priced:…}}` takes them. */
export const countersOfCall = [
  ...HOT_METERS.map((meter) => `toInt64(${meter}) AS ${meter}`),
  `${rareOfCall.replaceAll('sign * ', '')} AS rare`,
].join(', ')

/** Every meter of a row of counters as (name, quantity) pairs, zeros left out. */
export const meterPairs = `arrayFilter(pair -> pair.2 != 0, arrayConcat([${HOT_METERS.map((meter) => `('${meter}', toInt64(${meter}))`).join(', ')}], arrayZip(mapKeys(rare), mapValues(rare))))`

/** What a view takes along from a target so that its rows can be priced. */
export const counterNames = [
  'tenant',
  'sku',
  'price_slot',
  'usage_bits',
  'calls',
  'charges',
  ...HOT_METERS,
  'rare',
].join(', ')
/** The same as a map, for sums over rows. */
export const meterMap = `mapFilter((meter, quantity) -> quantity != 0, mapConcat(map(${HOT_METERS.map((meter) => `'${meter}', toInt64(${meter})`).join(', ')}), rare))`

/** Every meter summed over rows, under its own name. */
export const summedMeters = `${HOT_METERS.map((meter) => `sum(${meter}) AS ${meter}`).join(', ')}, sumMap(rare) AS rare`

const quoted = (meters: readonly Meter[]): string => meters.map((meter) => `'${meter}'`).join(', ')
export const inputMeters = quoted(INPUT_METERS)
export const tokenMeters = quoted(TOKEN_METERS)
/** The meter names as SQL string literals. */
export const meterList = quoted(METERS)

export const windowPriceColumns = `${lines(
  METERS,
  (meter) =>
    `f_${meter} Nullable(Int64) COMMENT 'Femto-units of the currency per single unit of ${meter}; NULL = no price'`,
)},`

export const vectorPriceColumns = `${lines(
  METERS,
  (meter) => `f9_${meter} Int64 COMMENT 'Ninths of femto-units of the currency per single unit of ${meter}'`,
)},`
export const hotPriceNames = HOT_METERS.map((meter) => `f9_${meter}`).join(', ')
export const hotPriceAttributes = lines(HOT_METERS, (meter) => `f9_${meter} Int64 DEFAULT 0`)
/** (name, price, bit) of every meter, in the source of a dictionary: a text in quotes. */
export const meterPricePairs = METERS.map((meter) => `(\\'${meter}\\', f9_${meter}, ${bitOf(meter)})`).join(', ')

/** Any time: the book of a tenant is the same at all of them. */
const ANY_TIME = `toDateTime(0, 'UTC')`

const bookKeyOf = (book: 'book' | 'other_book'): string =>
  `dictGetOrDefault('{{db}}.price_windows', 'book_key', cityHash64({${book}:String}, toString(tenant)), ${ANY_TIME}, cityHash64({${book}:String}))`

/**
 * The key of a price: the book that the tenant is priced by, and the sku. Sheets that are not in dollars have their
 * prices under a key of their own.
 */
const priceKeyOf = (book: 'book' | 'other_book', sku: string): string => `cityHash64(${bookKeyOf(book)}, ${sku})`
export const priceKey = priceKeyOf('book', 'sku')
export const ownPriceKey = priceKeyOf('book', "sku, 'own'")

const PRICINGS = {
  '': priceKey,
  intended_: priceKeyOf('book', 'intended_sku'),
  other_: priceKeyOf('other_book', 'sku'),
} as const
type Prefix = keyof typeof PRICINGS

const hotCost = (prefix: Prefix): string =>
  HOT_METERS.map(
    (meter) => `toInt128(${meter}) * dictGet('{{db}}.price_vectors', 'f9_${meter}', ${prefix}vector)`,
  ).join(' + ')

/** Ninths of femto-dollars per unit of a meter; NULL = no price. */
const meterPrice = (prefix: Prefix, meter: string): string =>
  `dictGetOrDefault('{{db}}.meter_prices', 'f9', cityHash64(${prefix}vector, ${meter}), NULL)`

const rareCost = (prefix: Prefix): string =>
  `arraySum(arrayMap((meter, quantity) -> toInt128(quantity) * ifNull(${meterPrice(prefix, 'meter')}, 0), mapKeys(rare), mapValues(rare)))`

const vectorOf = (prefix: Prefix): string =>
  `dictGet('{{db}}.price_windows', 'vector', ${PRICINGS[prefix]}, price_slot) AS ${prefix}vector`

const costColumns = (prefix: Prefix): string =>
  `bitAnd(usage_bits, bitNot(dictGet('{{db}}.price_vectors', 'priced_bits', ${prefix}vector))) != 0 AS ${prefix}unpriced,
      ${hotCost(prefix)} + ${rareCost(prefix)} AS ${prefix}femto9`

/**
 * The whole of pricing around rows of counters: one lookup leads from (book, sku, slot) to a set of prices, then one
 * multiplication per meter, exact in ninths of femto-dollars. Rows are priced before they are grouped: looking up and
 * multiplying six integers costs less than a second grouping by key and window (docs/decisions/0010). Adds `vector`,
 * `unpriced` and `femto9`. The source has tenant, sku, price_slot and usage_bits.
 */
export const priced = (source: string): string => `(
    SELECT *,
      ${costColumns('')}
    FROM (SELECT *, ${vectorOf('')} FROM ${source})
  )`

const sumsWithCost = (source: string, keys: string | undefined): string => {
  const groups = [...(keys === undefined ? [] : [keys]), 'vector', 'usage_bits'].join(', ')
  return `(
    SELECT *,
      ${costColumns('')}
    FROM (
      SELECT ${groups}, sum(calls) AS calls, sum(charges) AS charges, ${summedMeters}
      FROM ${source} GROUP BY ${groups}
    )
  )`
}

/**
 * The same for answers of few rows, such as one per feature and day: counters are summed by the keys and the set of
 * prices first, so that some hundred rows are multiplied in the place of millions. That takes a fifth less, and more
 * where the keys are nearly as many as the rows (docs/decisions/0010). `source`, or `source | keys`.
 */
export const pricedGroups = (argument: string): string => {
  const [source = '', keys] = argument.split(' | ')
  return sumsWithCost(`(SELECT *, ${vectorOf('')} FROM ${source})`, keys)
}

/** The same of rows that have their set of prices in the column `vector` already. */
export const pricedSums = (argument: string): string => {
  const [source = '', keys] = argument.split(' | ')
  return sumsWithCost(source, keys)
}

/** The same, and beside it at the price of the model that was asked for: columns that begin with `intended_`. */
export const pricedTwice = (source: string): string => `(
    SELECT *,
      ${costColumns('')},
      ${costColumns('intended_')}
    FROM (SELECT *, ${vectorOf('')}, ${vectorOf('intended_')} FROM ${source})
  )`
/** Counters with the set of prices of either book alone: `vector` and `other_vector`. */
export const vectorsOfBooks = (source: string): string =>
  `(SELECT *, ${vectorOf('')}, ${vectorOf('other_')} FROM ${source})`

/** Price of the meter in column `meter` by the prices of one pricing. */
export const priceOfMeter = (prefix: string): string => meterPrice(prefix as Prefix, 'meter')

const priceOf = (meter: (typeof HOT_METERS)[number]): string => `dictGet('{{db}}.price_vectors', 'f9_${meter}', vector)`

/**
 * Effective tokens (kpis.md): input side + output × m, where m = output price ÷ input price of the model at that time;
 * 4 where either has no price.
 */
export const outputRatio = `if(f9_input > 0 AND bitTest(priced_bits, ${bitOf('output')}), f9_output / f9_input, 4.)`
export const effectiveTokens = `(input_tokens + output_tokens * dictGet('{{db}}.price_vectors', 'output_ratio', vector))`

/** Price of a common meter in ninths of femto-dollars; 0 where it has none, see `hasPrice`. */
export const hotPrice = (meter: string): string => priceOf(meter as (typeof HOT_METERS)[number])
export const hasPrice = (meter: string): string =>
  `bitTest(dictGet('{{db}}.price_vectors', 'priced_bits', vector), ${bitOf(meter as Meter)})`

const HOT_WRITES = ['cache_write_5m', 'cache_write_1h'] as const
const overRareWrites = (term: string): string =>
  `if(empty(rare), 0, arraySum(arrayMap((meter, quantity) -> if(startsWith(meter, 'cache_write'), ${term}, 0), mapKeys(rare), mapValues(rare))))`
/** Tokens written to any cache. */
export const cacheWrites = `(${HOT_WRITES.join(' + ')} + ${overRareWrites('quantity')})`
/** What the written tokens cost above uncached input, over meters with both prices, in ninths of femto-dollars. */
export const cacheWritePremium = `if(${hasPrice('input')}, ${HOT_WRITES.map((meter) => `if(${hasPrice(meter)}, toInt128(${meter}) * (${priceOf(meter)} - ${priceOf('input')}), toInt128(0))`).join(' + ')} + ${overRareWrites(`toInt128(quantity) * ifNull(${meterPrice('', 'meter')} - ${priceOf('input')}, 0)`)}, toInt128(0))`

const sumOfCosts = (meters: readonly (typeof HOT_METERS)[number][]): string =>
  meters.map((meter) => `toInt128(${meter}) * ${priceOf(meter)}`).join(' + ')
const OUTPUT_RARE = RARE_METERS.filter((meter) => METER_DEFINITIONS[meter].side === 'output')
  .map((meter) => `'${meter}'`)
  .join(', ')
/** Cost of the output side in ninths of femto-dollars. */
export const outputFemto9 = `(${sumOfCosts(['output', 'output_reasoning'])} + if(empty(rare), toInt128(0), arraySum(arrayMap((meter, quantity) -> if(meter IN (${OUTPUT_RARE}), toInt128(quantity) * ifNull(${meterPrice('', 'meter')}, 0), toInt128(0)), mapKeys(rare), mapValues(rare)))))`
