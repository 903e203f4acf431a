/**
 * Turns a .sql template into a statement for one database and one topology. The same templates give the single-node
 * form (embedded engine, one server) and the `ON CLUSTER` form; nothing else generates DDL.
 */
import { assert, limits, OutlayError } from '@outlay/core'
import { readFileSync } from 'node:fs'
import * as fragments from './meter-fragments.ts'

export interface SchemaTarget {
  /** Database the objects live in, e.g. `outlay`. */
  readonly database: string
  /** Cluster name for the replicated form; absent = single node. */
  readonly cluster?: string
}

const IDENTIFIER = /^[a-z][a-z0-9_]{0,62}$/
const PLACEHOLDER = /\{\{([a-z0-9_]+)(?::([^}]*))?\}\}/g

/** Database and cluster names become SQL text: only plain lower-case identifiers pass. Fails with `E_IDENTIFIER`. */
export const assertIdentifier = (name: string, what: string): void => {
  if (IDENTIFIER.test(name)) return
  throw new OutlayError('E_IDENTIFIER', `${what} is not a plain identifier`, {
    got: JSON.stringify(name),
    want: 'lower-case letters, digits and underscores, starting with a letter',
  })
}

/** Exact dollars from ninths of femto-dollars. Nine is odd, so rounding to the nearest never meets a tie. */
const usd = (expression: string): string =>
  `reinterpret(intDiv((${expression}) * 2 + if((${expression}) < 0, -9, 9), 18), 'Decimal(38, 15)')`

const usdOrNull = (expression: string): string =>
  `if(isNull(${expression}), NULL, ${usd(`assumeNotNull(${expression})`)})`

/** Verdict of a figure: of the last step of its band whose edge it reaches. The figure is named twice: give a column. */
const band = (id: string, figure: string): string =>
  `if(isNull(${figure}), 'none', dictGet('{{db}}.band_steps', 'verdicts', tuple(${id}))[arrayCount(edge -> edge <= ifNull(${figure}, 0), dictGet('{{db}}.band_steps', 'edges', tuple(${id})))])`

const bandArguments = (argument: string): [string, string] => {
  const separator = argument.indexOf(':')
  assert(separator > 0, `{{band:…}} needs "id:expression", got ${argument}`)
  return [`'${argument.slice(0, separator)}'`, argument.slice(separator + 1)]
}

/** Cost per something, in ninths of femto-dollars and a count: rounded down to the femto-dollar, NULL for none. */
const usdPer = (argument: string): string => {
  const [cost = '', count = ''] = argument.split('|').map((side) => side.trim())
  return `if(${count} > 0, reinterpret(intDiv(toInt128(${cost}), 9 * toInt128(greatest(${count}, 1))), 'Decimal(38, 15)'), NULL)`
}

/** The column that `by` names. `if` with a constant condition is folded away: what remains is the plain column. */
const byColumn = (argument: string): string => {
  const names = argument.split(' ')
  const refusal = `toString(throwIf(1, 'by: want ${names.join(', ')}'))`
  return names.reduceRight(
    (rest, name) => `if({by:String} = '${name}', ${name === 'all' ? "'all'" : name}, ${rest})`,
    refusal,
  )
}

/** Keeps the rows that each list of values selects: the parameter `tenants` filters the column `tenant`. */
const filters = (argument: string): string =>
  argument
    .split(' ')
    .map((name) => `(has({${name}:Array(String)}, '*') OR has({${name}:Array(String)}, ${name.replace(/s$/, '')}))`)
    .join(' AND ')

const STEP = 'greatest({step:UInt32}, 1800)'

const plain: Readonly<Record<string, string>> = {
  call_meter_columns: fragments.callMeterColumns,
  counter_columns: fragments.counterColumns,
  key_columns: fragments.keyColumns,
  signed_counters: fragments.signedCounters,
  signed_counters_of_open: fragments.signedCountersOfOpen,
  meter_map: fragments.meterMap,
  counters_of_call: fragments.countersOfCall,
  meter_pairs: fragments.meterPairs,
  meter_list: fragments.meterList,
  input_meters: fragments.inputMeters,
  token_meters: fragments.tokenMeters,
  window_price_columns: fragments.windowPriceColumns,
  vector_price_columns: fragments.vectorPriceColumns,
  hot_price_names: fragments.hotPriceNames,
  hot_price_attributes: fragments.hotPriceAttributes,
  meter_price_pairs: fragments.meterPricePairs,
  output_ratio: fragments.outputRatio,
  effective_tokens: fragments.effectiveTokens,
  output_femto9: fragments.outputFemto9,
  /** `WITH` of views of a range. */
  range: `toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AS from_slot, least({to_time:DateTime('UTC')}, now('UTC')) AS to_or_now`,
  in_range: `price_slot >= from_slot AND price_slot < {to_time:DateTime('UTC')}`,
  /** `WITH` of views of a month. */
  month: `least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now, toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from`,
  in_month: 'price_slot >= month_from AND price_slot < as_of_or_now',
  /** Part of the month that has passed, 0 to 1. */
  elapsed:
    '((toUnixTimestamp(as_of_or_now) - toUnixTimestamp(month_from)) / (toUnixTimestamp(addMonths(month_from, 1)) - toUnixTimestamp(month_from)))',
  bucket: `toDateTime(intDiv(toUnixTimestamp(price_slot), ${STEP}) * ${STEP}, 'UTC')`,
  counters: fragments.counterNames,
  cache_writes: fragments.cacheWrites,
  cache_write_premium: fragments.cacheWritePremium,
  price_key: fragments.priceKey,
  own_price_key: fragments.ownPriceKey,
}

const engineOf = (engine: string, cluster: string | undefined): string => {
  if (cluster === undefined) return engine
  const [family = '', rest = ''] = engine.split(/(?=\()/)
  const parameters = rest.slice(1, -1)
  return `Replicated${family}('/clickhouse/tables/{shard}/{database}/{table}', '{replica}'${parameters === '' ? '' : `, ${parameters}`})`
}

const tableSettings = (cluster: string | undefined): string => {
  const window = limits.deduplicationWindowInserts
  const deduplication =
    cluster === undefined
      ? `non_replicated_deduplication_window = ${window}`
      : `replicated_deduplication_window = ${window}, replicated_deduplication_window_seconds = ${limits.deduplicationWindowSeconds}`
  return `${deduplication}, fsync_after_insert = 1, fsync_part_directory = 1`
}

/** Renders one template. An unknown placeholder is a programmer error. */
export const renderSql = (template: string, target: SchemaTarget): string => {
  assertIdentifier(target.database, 'database')
  if (target.cluster !== undefined) assertIdentifier(target.cluster, 'cluster')
  const expand = (text: string): string =>
    text.replaceAll(PLACEHOLDER, (_, name: string, argument: string | undefined) =>
      expand(valueOf(name, argument, target)),
    )
  return expand(template)
}

const partsDirectory = new URL('../../sql/parts/', import.meta.url)

/**
 * What several views share, pasted as text. A view that calls another view has its statement analysed again at every
 * level, which costs more than to run it.
 */
const readPart = (argument: string): string => {
  const [name = '', ...fixed] = argument.split(' ')
  const text = readFileSync(new URL(`${name}.sql`, partsDirectory), 'utf8').trim()
  return fixed.includes('all-tiers') ? text.replaceAll('{{filters:tenants tiers}}', '{{filters:tenants}}') : text
}

const viewsDirectory = new URL('../../sql/views/', import.meta.url)

const withPartsOf = (text: string): string =>
  text.replaceAll(/\{\{part:([^}]*)\}\}/g, (_, part: string) => withPartsOf(readPart(part)))

/** The statement of a view as a subquery, with every filter open and the moment at the end of the window. */
const wholeView = (argument: string): string => {
  const [name = '', by = ''] = argument.split(' ')
  const text = readFileSync(new URL(`${name}.sql`, viewsDirectory), 'utf8')
  const statement = text.slice(text.indexOf(' AS\n') + ' AS\n'.length).trim()
  return `(${withPartsOf(statement)
    .replaceAll('{{month}}', plain['month'] ?? '')
    .replaceAll('{{in_month}}', plain['in_month'] ?? '')
    .replaceAll(/\{\{by:[^}]*\}\}/g, by === 'all' ? "'all'" : by)
    .replaceAll(/\{\{filters:[^}]*\}\}/g, '1')
    .replaceAll(/\{as_of:[^}]*\}/g, "{to_time:DateTime('UTC')}")
    .replaceAll(/\{\w+:Array\(String\)\}/g, "['*']")
    .replaceAll('{by:String}', `'${by}'`)})`
}

const valueOf = (name: string, argument: string | undefined, { database, cluster }: SchemaTarget): string => {
  if (name === 'db') return database
  if (name === 'on_cluster') return cluster === undefined ? '' : `ON CLUSTER '${cluster}'`
  if (name === 'table_settings') return tableSettings(cluster)
  if (argument !== undefined) {
    if (name === 'engine') return engineOf(argument, cluster)
    if (name === 'priced') return fragments.priced(argument)
    if (name === 'priced_as_intended') return fragments.pricedAsIntended(argument)
    if (name === 'priced_under_other_book') return fragments.pricedUnderOtherBook(argument)
    if (name === 'priced_in_own_currency') return fragments.pricedInOwnCurrency(argument)
    if (name === 'price_of_meter') return fragments.priceOfMeter(argument)
    if (name === 'hot_price') return fragments.hotPrice(argument)
    if (name === 'has_price') return fragments.hasPrice(argument)
    if (name === 'whole') return wholeView(argument)
    if (name === 'part') return readPart(argument)
    if (name === 'usd') return usd(argument)
    if (name === 'usd_per') return usdPer(argument)
    if (name === 'by') return byColumn(argument)
    if (name === 'filters') return filters(argument)
    if (name === 'usd_or_null') return usdOrNull(argument)
    if (name === 'band') return band(...bandArguments(argument))
    if (name === 'band_of') return band(...splitBandOf(argument))
  }
  const fragment = plain[name]
  assert(fragment !== undefined, `unknown SQL placeholder {{${name}}}`)
  return fragment
}

/** `{{band_of:id expression | figure expression}}`: the band id itself is computed. */
const splitBandOf = (argument: string): [string, string] => {
  const [id, figure] = argument.split(' | ')
  assert(id !== undefined && figure !== undefined, `{{band_of:…}} needs "id | expression", got ${argument}`)
  return [id, figure]
}
