/**
 * Turns a .sql template into a statement for one database and one topology. The same templates give the single-node
 * form (embedded engine, one server) and the `ON CLUSTER` form; nothing else generates DDL.
 */
import { assert, OutlayError } from '@outlay/core'
import * as form from './cluster-form.ts'
import * as fragments from './meter-fragments.ts'
import { readPart, wholeStatement } from './sql-parts.ts'
import * as view from './view-fragments.ts'

export interface SchemaTarget {
  /** Database the objects live in, e.g. `outlay`. */
  readonly database: string
  /** Cluster of all servers that hold the ledger, for the replicated form; absent = single node. */
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

const plain: Readonly<Record<string, string>> = {
  ...view.times,
  call_meter_columns: fragments.callMeterColumns,
  counter_columns: fragments.counterColumns,
  key_columns: fragments.keyColumns,
  signed_counters: fragments.signedCounters,
  signed_counters_of_open: fragments.signedCountersOfOpen,
  meter_map: fragments.meterMap,
  counters_of_call: fragments.countersOfCall,
  meter_pairs: fragments.meterPairs,
  summed_meters: fragments.summedMeters,
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
  counters: fragments.counterNames,
  cache_writes: fragments.cacheWrites,
  cache_write_premium: fragments.cacheWritePremium,
  price_key: fragments.priceKey,
  own_price_key: fragments.ownPriceKey,
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

const valueOf = (name: string, argument: string | undefined, { database, cluster }: SchemaTarget): string => {
  if (name === 'db') return database
  if (name === 'on_cluster') return cluster === undefined ? '' : `ON CLUSTER '${cluster}'`
  if (name === 'table_settings') return form.tableSettings(cluster)
  if (name === 'view_settings') return form.viewSettings(cluster)
  if (name === 'dictionary_lifetime') return form.dictionaryLifetime(cluster)
  if (argument !== undefined) {
    if (name === 'all') return `{{db}}.${cluster === undefined ? argument : form.allShardsName(argument)}`
    if (name === 'engine') return form.engineOf(argument, cluster, 'shard')
    if (name === 'engine_everywhere') return form.engineOf(argument, cluster, 'everywhere')
    if (name === 'dictionary_version') return form.dictionaryVersion(argument, cluster)
    if (name === 'priced') return fragments.priced(argument)
    if (name === 'priced_groups') return fragments.pricedGroups(argument)
    if (name === 'priced_sums') return fragments.pricedSums(argument)
    if (name === 'priced_twice') return fragments.pricedTwice(argument)
    if (name === 'vectors_of_books') return fragments.vectorsOfBooks(argument)
    if (name === 'price_of_meter') return fragments.priceOfMeter(argument)
    if (name === 'hot_price') return fragments.hotPrice(argument)
    if (name === 'has_price') return fragments.hasPrice(argument)
    if (name === 'whole') return wholeStatement(argument)
    if (name === 'part') return readPart(argument)
    if (name === 'usd') return view.usd(argument)
    if (name === 'usd_per') return view.usdPer(argument)
    if (name === 'by') return view.byColumn(argument)
    if (name === 'one_key') return view.oneKey(argument)
    if (name === 'filters') return view.filters(argument)
    if (name === 'band') return view.band(argument)
    if (name === 'band_of') return view.bandOf(argument)
  }
  const fragment = plain[name]
  assert(fragment !== undefined, `unknown SQL placeholder {{${name}}}`)
  return fragment
}
