/**
 * Turns a .sql template into a statement for one database and one topology. The same templates give the single-node
 * form (embedded engine, one server) and the `ON CLUSTER` form; nothing else generates DDL.
 */
import { assert, limits, OutlayError } from '@outlay/core'
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

/** All bands in one scalar, read once per query however many verdicts it has. */
const allBands =
  '(SELECT arraySort(groupArray((toString(band), lower, strict, toString(verdict)))) FROM {{db}}.bands WHERE version = (SELECT max(version) FROM {{db}}.bands))'

/** Verdict of a figure: the last step of its band whose edge it reaches (`strict` edges must be passed). */
const band = (id: string, expression: string): string =>
  `arrayMap(figure -> if(isNull(figure), 'none', arrayLast(step -> step.1 = ${id} AND if(step.3 = 1, ifNull(figure, 0) > step.2, ifNull(figure, 0) >= step.2), ${allBands}).4), [${expression}])[1]`

const bandArguments = (argument: string): [string, string] => {
  const separator = argument.indexOf(':')
  assert(separator > 0, `{{band:…}} needs "id:expression", got ${argument}`)
  return [`'${argument.slice(0, separator)}'`, argument.slice(separator + 1)]
}

const plain: Readonly<Record<string, string>> = {
  call_meter_columns: fragments.callMeterColumns,
  counter_columns: fragments.counterColumns,
  key_columns: fragments.keyColumns,
  signed_meters: fragments.signedMeters,
  sum_meters: fragments.sumMeters,
  meter_names: fragments.meterNames,
  meter_list: fragments.meterList,
  window_price_names: fragments.windowPriceNames,
  window_price_columns: fragments.windowPriceColumns,
  dictionary_price_attributes: fragments.dictionaryPriceAttributes,
  input_tokens: fragments.inputTokens,
  output_tokens: fragments.outputTokens,
  effective_tokens: fragments.effectiveTokens,
  output_femto9: fragments.outputFemto9,
  price_key: fragments.priceKey,
  intended_price_key: fragments.intendedPriceKey,
  other_price_key: fragments.otherPriceKey,
  own_price_key: fragments.ownPriceKey,
  price_window: fragments.priceWindow('price_key'),
  intended_price_window: fragments.priceWindow('intended_price_key'),
  other_price_window: fragments.priceWindow('other_price_key'),
  own_price_window: fragments.priceWindow('own_price_key'),
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
    if (name === 'meter_femto9') return fragments.meterFemto9(argument)
    if (name === 'priced_calls') return fragments.pricedCalls(argument)
    if (name === 'usd') return usd(argument)
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
