/**
 * Where another catalogue shows another price than ours, now. Advisory: it never applies anything, and a difference that
 * was explained once is kept as a dated waiver (spec: pricing §14).
 */
import { type Meter, utcDayOf } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { type PriceRow, rowKeyOf, type Sheet, sheetKeyOf } from '#src/price-row.ts'

/** An explained difference. Fields that are left out hold for all. */
export interface DriftWaiver extends Partial<Omit<Sheet, 'card'>> {
  readonly meter?: Meter
  /** Holds only while the other catalogue shows this figure. */
  readonly theirs?: string
  readonly reason: string
  /** The day after which it no longer holds. */
  readonly until: string
}

export interface DriftLine extends Omit<Sheet, 'card'> {
  readonly band: number
  readonly meter: Meter
  readonly currency: string
  /** As quoted, per `per` of each. */
  readonly ours: string
  readonly theirs: string
  readonly per: number
  readonly theirPer: number
  /** Theirs over ours, reduced: `[1, 2]` is half. The second part is 0 where ours is 0. */
  readonly ratio: readonly [bigint, bigint]
  readonly ourAgeDays: number
  readonly theirAgeDays: number
  /** Money that our price decided lately, femto-units of `currency`. */
  readonly touchedFemto: bigint
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
  /** Prices that both books have. */
  readonly compared: number
  /** Sheets of the other catalogue that we have no price for. */
  readonly unknownSheets: readonly Omit<Sheet, 'card'>[]
}

const DAY_SECONDS = 86_400

const ageDays = (checkedAt: string, now: number): number =>
  Math.floor((now - Date.parse(`${checkedAt}T00:00:00Z`) / 1000) / DAY_SECONDS)

const holdsAt =
  (now: number) =>
  ({ validFrom, validTo }: { readonly validFrom: number; readonly validTo: number }): boolean =>
    validFrom <= now && now < validTo

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

const ratioOf = (theirs: bigint, ours: bigint): readonly [bigint, bigint] => {
  const divisor = gcd(theirs, ours)
  return divisor === 0n ? [1n, 1n] : [theirs / divisor, ours / divisor]
}

const ninthsOf = ({ fusd, ninths }: PriceRow): bigint => fusd * 9n + BigInt(ninths)

/** Their model in our words: catalogues name models differently, and our table of names says what they mean. */
const canonicalRow = (book: BookData, now: number) => {
  const models = new Map(
    book.names
      .filter(({ rule }) => rule === 'exact')
      .filter(holdsAt(now))
      .map(({ provider, name, model }) => [`${provider}\u0000${name}`, model] as const),
  )
  return (row: PriceRow): PriceRow => ({ ...row, model: models.get(`${row.provider}\u0000${row.model}`) ?? row.model })
}

const isWaivedBy = (line: DriftLine, waiver: DriftWaiver, today: string): boolean => {
  const { reason: _reason, until, ...wanted } = waiver
  return today <= until && Object.entries(wanted).every(([key, value]) => line[key as keyof DriftLine] === value)
}

const lineOf = (ours: PriceRow, theirs: PriceRow, { now, waivers = [], touched }: DriftOptions): DriftLine => {
  const { provider, model, region, tier, band, meter, currency } = ours
  const line: DriftLine = {
    provider,
    model,
    region,
    tier,
    band,
    meter,
    currency,
    ours: ours.price,
    theirs: theirs.price,
    per: ours.per,
    theirPer: theirs.per,
    ratio: ratioOf(ninthsOf(theirs), ninthsOf(ours)),
    ourAgeDays: ageDays(ours.checkedAt, now),
    theirAgeDays: ageDays(theirs.checkedAt, now),
    touchedFemto: touched?.(ours) ?? 0n,
  }
  const waiver = waivers.find((candidate) => isWaivedBy(line, candidate, utcDayOf(now * 1000)))
  return waiver === undefined ? line : { ...line, waiver }
}

/** How far a ratio is from 1, comparable without a division. */
const distance = ({ ratio: [theirs, ours] }: DriftLine): number => {
  const value = Number(theirs) / Number(ours)
  return value === 0 || !Number.isFinite(value) ? Number.POSITIVE_INFINITY : Math.abs(Math.log(value))
}

const bySize = (a: DriftLine, b: DriftLine): number =>
  a.touchedFemto === b.touchedFemto ? distance(b) - distance(a) || 0 : b.touchedFemto > a.touchedFemto ? 1 : -1

/** Compares what both books list at `now`, in the same currency. */
export const driftReport = (book: BookData, other: BookData, options: DriftOptions): DriftReport => {
  const isNow = holdsAt(options.now)
  const ours = new Map(book.rows.filter(isNow).map((row) => [rowKeyOf(row), row]))
  const sheets = new Set([...ours.values()].map(sheetKeyOf))
  const theirs = other.rows.filter(isNow).map(canonicalRow(book, options.now))
  const unknown = new Map(theirs.filter((row) => !sheets.has(sheetKeyOf(row))).map((row) => [sheetKeyOf(row), row]))
  let compared = 0
  const lines = theirs.flatMap((row) => {
    const own = ours.get(rowKeyOf(row))
    if (own === undefined || own.currency !== row.currency) return []
    compared += 1
    return ninthsOf(own) === ninthsOf(row) ? [] : [lineOf(own, row, options)]
  })
  return {
    lines: lines.filter(({ waiver }) => waiver === undefined).toSorted(bySize),
    waived: lines.filter(({ waiver }) => waiver !== undefined).toSorted(bySize),
    compared,
    unknownSheets: [...unknown.values()].map(({ provider, model, region, tier }) => ({
      provider,
      model,
      region,
      tier,
    })),
  }
}
