/**
 * Where another catalogue shows another price than ours, now. Advisory: it never applies anything, and a difference that
 * was explained once is kept as a dated waiver (spec: pricing §14).
 */
import { type Meter, utcDayOf } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { type DriftWaiver, isExpired, waiverFor } from '#src/checks/drift-waivers.ts'
import { type PricedSheet, pricedSheetsAt } from '#src/feed/catalogue-prices.ts'
import { LIST_CARD, type PriceRow, type Sheet, sheetKeyOf } from '#src/price-row.ts'

/** One price of a sheet of the other catalogue. */
interface TheirPrice extends Omit<Sheet, 'card'> {
  /** Total input tokens above which it holds; 0 from the first token on. */
  readonly above: number
  readonly meter: Meter
  readonly currency: string
  /** As quoted, for `theirPer` units. */
  readonly theirs: string
  readonly theirPer: number
  readonly theirAgeDays: number
  /** How the catalogue states it, once for each of its entries that do. */
  readonly stated: readonly string[]
}

export interface DriftLine extends TheirPrice {
  readonly ours: string
  readonly per: number
  /** Theirs over ours, reduced: `[1, 2]` is half. The second part is 0 where ours is 0. */
  readonly ratio: readonly [bigint, bigint]
  readonly ourAgeDays: number
  /** Money that our price decided lately, femto-units of `currency`; absent where no ledger was asked. */
  readonly touchedFemto?: bigint
  /** Why it is no alarm. */
  readonly waiver?: DriftWaiver
}

export interface DriftOptions {
  /** Unix seconds. */
  readonly now: number
  readonly waivers?: readonly DriftWaiver[]
  /** What calls of the last 30 days cost by this row. */
  readonly touched?: (row: PriceRow) => bigint
}

export interface DriftReport {
  /** Unexplained differences, the one that touches most money first. */
  readonly lines: readonly DriftLine[]
  readonly waived: readonly DriftLine[]
  /** Waivers that hold no more, whether there is still a difference or not. */
  readonly expired: readonly DriftWaiver[]
  /** Prices of theirs that we have too. */
  readonly compared: number
  /** Prices of theirs on sheets of ours that do not have them: no difference, and perhaps a gap of ours. */
  readonly unlisted: readonly TheirPrice[]
  /** Sheets of the other catalogue that we have no price for. */
  readonly unknownSheets: readonly Omit<Sheet, 'card'>[]
}

const DAY_SECONDS = 86_400

const ageDays = (checkedAt: string, now: number): number =>
  Math.floor((now - Date.parse(`${checkedAt}T00:00:00Z`) / 1000) / DAY_SECONDS)

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

const ratioOf = (theirs: bigint, ours: bigint): readonly [bigint, bigint] => {
  const divisor = gcd(theirs, ours)
  return divisor === 0n ? [1n, 1n] : [theirs / divisor, ours / divisor]
}

const ninthsOf = ({ fusd, ninths }: PriceRow): bigint => fusd * 9n + BigInt(ninths)

const keyOf = (sheet: Omit<Sheet, 'card'>): string => sheetKeyOf({ card: LIST_CARD, ...sheet })

/** The band of calls with more input than `above` tokens, up to the next threshold of either side. */
const bandAbove = (gt: readonly number[], above: number): number => gt.filter((edge) => edge <= above).length

/** A price of theirs beside ours; without ours if our sheet does not list it. */
interface Pair {
  readonly above: number
  readonly theirs: PriceRow
  readonly ours: PriceRow | undefined
}

/** Their thresholds may be others than ours: the prices are held together over each range between any two of them. */
const pairsOf = (ours: PricedSheet, theirs: PricedSheet): Pair[] => {
  const ranges = [...new Set([0, ...ours.gt, ...theirs.gt])].toSorted((a, b) => a - b)
  return ranges.flatMap((above) => {
    const [ourBand, theirBand] = [bandAbove(ours.gt, above), bandAbove(theirs.gt, above)]
    return theirs.rows
      .filter(({ band }) => band === theirBand)
      .map((row) => {
        const own = ours.rows.find(({ band, meter }) => band === ourBand && meter === row.meter)
        return { above, theirs: row, ours: own }
      })
  })
}

const priceOf = (sheet: PricedSheet['sheet'], { above, theirs }: Pair, now: number): TheirPrice => ({
  ...sheet,
  above,
  meter: theirs.meter,
  currency: theirs.currency,
  theirs: theirs.price,
  theirPer: theirs.per,
  theirAgeDays: ageDays(theirs.checkedAt, now),
  stated: [theirs.derivedFrom],
})

const lineOf = (price: TheirPrice, ours: PriceRow, theirs: PriceRow, { now, touched }: DriftOptions): DriftLine => ({
  ...price,
  ours: ours.price,
  per: ours.per,
  ratio: ratioOf(ninthsOf(theirs), ninthsOf(ours)),
  ourAgeDays: ageDays(ours.checkedAt, now),
  ...(touched === undefined ? {} : { touchedFemto: touched(ours) }),
})

/** Entries that state the same become one. */
const withoutRepeats = <Price extends TheirPrice>(prices: readonly Price[]): Price[] => {
  const same = Map.groupBy(prices, ({ above, meter, theirs, theirPer, ...sheet }) =>
    [keyOf(sheet), above, meter, theirs, theirPer].join('\u0000'),
  )
  return [...same.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const stated = [...new Set(group.flatMap((price) => price.stated))]
    return [{ ...first, stated, theirAgeDays: Math.min(...group.map(({ theirAgeDays }) => theirAgeDays)) }]
  })
}

/** How far a ratio is from 1, comparable without a division. */
const distance = ({ ratio: [theirs, ours] }: DriftLine): number => {
  const value = Number(theirs) / Number(ours)
  return value === 0 || !Number.isFinite(value) ? Number.POSITIVE_INFINITY : Math.abs(Math.log(value))
}

const bySize = (a: DriftLine, b: DriftLine): number => {
  const [left, right] = [a.touchedFemto ?? 0n, b.touchedFemto ?? 0n]
  return left === right ? distance(b) - distance(a) || 0 : right > left ? 1 : -1
}

/** Holds what a catalogue says at `now` beside the list of a book, in the same currency. */
export const driftReport = (book: BookData, theirs: readonly PricedSheet[], options: DriftOptions): DriftReport => {
  const { now, waivers = [] } = options
  const today = utcDayOf(now * 1000)
  const ours = new Map(pricedSheetsAt(book, now).map((sheet) => [keyOf(sheet.sheet), sheet] as const))
  const unknown = new Map<string, Omit<Sheet, 'card'>>()
  const unlisted: TheirPrice[] = []
  const different: DriftLine[] = []
  let compared = 0
  for (const sheet of theirs) {
    const own = ours.get(keyOf(sheet.sheet))
    if (own === undefined) {
      unknown.set(keyOf(sheet.sheet), sheet.sheet)
      continue
    }
    for (const pair of pairsOf(own, sheet)) {
      const price = priceOf(sheet.sheet, pair, now)
      if (pair.ours === undefined) unlisted.push(price)
      if (pair.ours === undefined || pair.ours.currency !== pair.theirs.currency) continue
      compared += 1
      if (ninthsOf(pair.ours) !== ninthsOf(pair.theirs)) different.push(lineOf(price, pair.ours, pair.theirs, options))
    }
  }
  const lines = withoutRepeats(different).map((line): DriftLine => {
    const waiver = waiverFor(line, waivers, today)
    return waiver === undefined ? line : { ...line, waiver }
  })
  return {
    lines: lines.filter(({ waiver }) => waiver === undefined).toSorted(bySize),
    waived: lines.filter(({ waiver }) => waiver !== undefined).toSorted(bySize),
    expired: waivers.filter((waiver) => isExpired(waiver, today)),
    compared,
    unlisted: withoutRepeats(unlisted),
    unknownSheets: [...unknown.values()],
  }
}
