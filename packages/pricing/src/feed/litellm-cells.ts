/** The prices of one LiteLLM entry: JSON numbers per single unit → quotes of ours, with everything that is left out named. */
import { formatDecimal, METER_DEFINITIONS, type Meter, parseDecimal, TOKEN_METERS } from '@outlay/core'
import { decimalOfFeed } from '#src/feed/feed-decimal.ts'
import { cacheWriteMeterOf } from '#src/feed/feed-units.ts'
import { CACHE_WRITE, classifyLitellmKey, type LitellmPriceKey, upliftRegionOf } from '#src/feed/litellm-keys.ts'
import type { LitellmPlace } from '#src/feed/litellm-place.ts'
import { PRICE_DECIMALS, unitPriceOf } from '#src/price-row.ts'
import { NumberText } from '#src/reconcile/exact-json.ts'

export interface LitellmCell {
  readonly meter: Meter
  readonly region: string
  readonly tier: string
  /** Thousands of input tokens above which it holds. */
  readonly aboveThousands: number
  /** Decimal text for as many units as the meter is usually quoted for. */
  readonly price: string
  /** The key, and the multiplier if there is one: how the entry states it. */
  readonly statedBy: string
}

export interface EntryFindings {
  /** Values that are no price of ours: not exact, not a number, dependent on what no counter tells. */
  readonly notComparable: { readonly where: string; readonly reason: string }[]
  readonly otherKeys: Map<string, number>
  readonly unknownKeys: Map<string, number>
}

interface Multiplier {
  readonly region?: string
  readonly tier?: string
  /** Decimal text. */
  readonly factor: string
  readonly statedBy: string
  readonly meters: ReadonlySet<Meter>
}

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

const ALL_TOKENS: ReadonlySet<Meter> = new Set(TOKEN_METERS)
/** A multiplier of speed or place scales what is not cached. */
const UNCACHED: ReadonlySet<Meter> = new Set(TOKEN_METERS.filter((meter) => !meter.startsWith('cache_')))

/** One price of a search where the sizes of its context cost the same. */
const searchPriceOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof NumberText) return value
  const prices = Object.values(value)
  const texts = new Set(prices.map((price) => (price instanceof NumberText ? Number(price.text) : price)))
  return texts.size === 1 ? prices[0] : undefined
}

interface EntryReading {
  readonly entry: string
  readonly place: LitellmPlace
  /** Regions and tiers that the biller lists. */
  readonly known: { readonly regions: readonly string[]; readonly tiers: readonly string[] }
  readonly findings: EntryFindings
}

/** The exact text of a value for `units`, or nothing, with the reason in the findings. */
const decimalOf = (
  value: unknown,
  units: number,
  where: string,
  { notComparable }: EntryFindings,
): string | undefined => {
  const decimal = value instanceof NumberText ? decimalOfFeed(Number(value.text), units) : { reason: 'not one number' }
  if ('text' in decimal) return decimal.text
  notComparable.push({ where, reason: decimal.reason })
  return undefined
}

const quoteOf = (key: string, value: unknown, meter: Meter, { entry, findings }: EntryReading): string | undefined => {
  const { per } = METER_DEFINITIONS[meter]
  const where = `${entry}: ${key}`
  const text = decimalOf(value, per, where, findings)
  if (text === undefined || unitPriceOf(meter, text, per).exact) return text
  findings.notComparable.push({ where, reason: `${text} per ${per} has no exact price of one unit` })
  return undefined
}

const multipliersOf = (key: string, value: unknown, { entry, known, findings }: EntryReading): Multiplier[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, text]): Multiplier[] => {
    const statedBy = `${key}.${name}`
    const isRegion = known.regions.includes(name)
    if (!isRegion && !known.tiers.includes(name)) {
      count(findings.unknownKeys, statedBy)
      return []
    }
    const factor = decimalOf(text, 1, `${entry}: ${statedBy}`, findings)
    if (factor === undefined) return []
    return [{ ...(isRegion ? { region: name } : { tier: name }), factor, statedBy, meters: UNCACHED }]
  })
}

const upliftOf = (key: string, value: unknown, { entry, known, findings }: EntryReading): Multiplier[] => {
  const region = upliftRegionOf(key) ?? ''
  const where = `${entry}: ${key}`
  if (!known.regions.includes(region)) {
    findings.notComparable.push({ where, reason: `no region "${region}" of ours` })
    return []
  }
  const factor = decimalOf(value, 1, where, findings)
  return factor === undefined ? [] : [{ region, factor, statedBy: key, meters: ALL_TOKENS }]
}

const SEARCHES: LitellmPriceKey = { kind: 'price', meter: 'web_search', tier: '', aboveThousands: 0 }

const cellsOfKey = (key: string, value: unknown, reading: EntryReading): LitellmCell[] => {
  const { place, findings } = reading
  const found = classifyLitellmKey(key)
  if (found.kind === 'unknown') count(findings.unknownKeys, key)
  if (found.kind === 'no meter') count(findings.otherKeys, key)
  if (found.kind !== 'price' && found.kind !== 'searches') return []
  const price: LitellmPriceKey = found.kind === 'price' ? found : SEARCHES
  const meter = price.meter === CACHE_WRITE ? cacheWriteMeterOf(place.biller, place.name) : price.meter
  const quote = quoteOf(key, found.kind === 'searches' ? searchPriceOf(value) : value, meter, reading)
  if (quote === undefined) return []
  const tier = price.tier === '' ? place.tier : price.tier
  const { aboveThousands } = price
  return [{ meter, region: place.region, tier, aboveThousands, price: quote, statedBy: key }]
}

const isQuote = (meter: Meter, price: string): boolean =>
  (price.split('.')[1] ?? '').length <= PRICE_DECIMALS && unitPriceOf(meter, price, METER_DEFINITIONS[meter].per).exact

const productOf = (price: string, factor: string): string =>
  formatDecimal(parseDecimal(price, PRICE_DECIMALS) * parseDecimal(factor, PRICE_DECIMALS), 2 * PRICE_DECIMALS)

/** The prices that a multiplier makes of those of the entry itself. */
const scaledBy = (multiplier: Multiplier, base: readonly LitellmCell[], reading: EntryReading): LitellmCell[] =>
  base
    .filter(({ meter }) => multiplier.meters.has(meter))
    .filter(({ tier }) => multiplier.tier === undefined || tier === reading.place.tier)
    .flatMap((cell) => {
      const statedBy = `${cell.statedBy} × ${multiplier.statedBy}`
      const price = productOf(cell.price, multiplier.factor)
      if (!isQuote(cell.meter, price)) {
        const reason = `${price} is no price of at most ${PRICE_DECIMALS} places`
        reading.findings.notComparable.push({ where: `${reading.entry}: ${statedBy}`, reason })
        return []
      }
      const { region = cell.region, tier = cell.tier } = multiplier
      return [{ ...cell, region, tier, price, statedBy }]
    })

const isFree = (price: string): boolean => /^0(\.0*)?$/.test(price)

/** All comparable prices of an entry. What is left out goes to `reading.findings`. */
export const cellsOfEntry = (values: object, reading: EntryReading): readonly LitellmCell[] => {
  const entries = Object.entries(values).filter(([, value]) => value !== null)
  const kindOf = (key: string): string => classifyLitellmKey(key).kind
  if (entries.some(([key]) => kindOf(key) === 'by the hour')) {
    reading.findings.notComparable.push({ where: reading.entry, reason: 'priced by the time of day' })
    return []
  }
  const base = entries.flatMap(([key, value]) => cellsOfKey(key, value, reading))
  if (base.length === 0) return []
  if (base.every(({ price }) => isFree(price))) {
    reading.findings.notComparable.push({ where: reading.entry, reason: 'every price is 0, which may mean unknown' })
    return []
  }
  const multipliers = entries.flatMap(([key, value]) => {
    if (kindOf(key) === 'multipliers') return multipliersOf(key, value, reading)
    return kindOf(key) === 'uplift' ? upliftOf(key, value, reading) : []
  })
  return [...base, ...multipliers.flatMap((multiplier) => scaledBy(multiplier, base, reading))]
}
