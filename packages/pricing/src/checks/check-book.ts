/**
 * Sanity of a whole book: what is allowed, and yet a person should look at it (spec: pricing §12). What must never be is
 * refused earlier, by `validateRows`. Nothing is changed here.
 */
import type { Meter } from '@outlay/core'
import { type CompiledBook, validityOf } from '#src/book.ts'
import { quoteText, rowText, sheetText } from '#src/checks/sheet-text.ts'
import { addMonths, formatInstant } from '#src/instant.ts'
import { intersectionOf, unionOf } from '#src/interval.ts'
import { LIST_CARD, type PriceRow, rowKeyOf, sheetKeyOf } from '#src/price-row.ts'
import { resolveSku } from '#src/resolve-sku.ts'
import type { SkuParts } from '#src/sku.ts'

export const FINDING_KINDS = {
  gap: 'a time without a price between two prices of one meter',
  review_due: 'a day has passed after which the author wanted this looked at',
  assumed: 'a price of grade D is in use',
  horizon_near: 'the holidays of a calendar are known for only a few more weeks',
  cache_read_above_input: 'a cache read that costs more than the input it saves',
  batch_above_standard: 'a batch price above the standard one',
  output_below_input: 'output that costs less than input',
  unmapped_name: 'a name in the ledger that no price is found for',
  rewritten_row: 'a stored fact that was written twice with another content than its end',
} as const

export type FindingKind = keyof typeof FINDING_KINDS

export interface BookFinding {
  readonly kind: FindingKind
  readonly where: string
  readonly what: string
  /** Calls that it touches, where a ledger was asked. */
  readonly calls?: number
}

/** A sku as the ledger has it. */
export interface SeenSku extends SkuParts {
  /** Net calls; 0 for a model that was asked for and never served, or that served parts of calls alone. */
  readonly calls: number
  /** Unix seconds: the latest slot of a call. */
  readonly lastSeen: number
}

/** Calls, and parts of calls, of one sku that used exactly these meters. */
export interface SkuUsage extends SkuParts {
  readonly meters: readonly Meter[]
  readonly calls: number
}

export interface CheckOptions {
  /** Unix seconds. */
  readonly now: number
  /** Everything that the ledger ever saw. */
  readonly seen?: readonly SeenSku[]
  /** What it saw lately. */
  readonly usage?: readonly SkuUsage[]
}

const HORIZON_WARNING_MONTHS = 2

const day = (at: number): string => formatInstant(at).replace('T00:00:00Z', '')

const gapsOf = (rows: readonly PriceRow[]): BookFinding[] =>
  [...Map.groupBy(rows, rowKeyOf).values()].flatMap((ofCell) =>
    unionOf(ofCell.map(validityOf)).flatMap(({ from }, index, covered): BookFinding[] => {
      const before = covered[index - 1]
      const [first] = ofCell
      if (before === undefined || first === undefined) return []
      return [{ kind: 'gap', where: rowText(first), what: `no price from ${day(before.to)} to ${day(from)}` }]
    }),
  )

const reviewsDue = ({ reviews }: CompiledBook, now: number): BookFinding[] => {
  const today = formatInstant(now).slice(0, 10)
  return reviews
    .filter(({ after }) => after < today)
    .map(({ provider, model, tier, regions, after }) => {
      const where = sheetText({ card: 'list', provider, model, region: regions.join(', '), tier })
      return { kind: 'review_due', where, what: `was to be looked at after ${after}` }
    })
}

const cellKeyOf = (row: Parameters<typeof rowKeyOf>[0]): string => rowKeyOf({ ...row, card: LIST_CARD })

/** Calls that used any of the prices: a call counts once, whatever it used. */
const callsByAny = (rows: readonly PriceRow[], usage: readonly PlacedUsage[]): number => {
  const cells = new Set(rows.map(cellKeyOf))
  return usage.reduce((sum, { keys, calls }) => (keys.some((key) => cells.has(key)) ? sum + calls : sum), 0)
}

interface PlacedUsage {
  /** Prices that each of the calls used. */
  readonly keys: readonly string[]
  readonly calls: number
}

const placeUsage = (book: CompiledBook, usage: readonly SkuUsage[], now: number): PlacedUsage[] =>
  usage.flatMap(({ meters, calls, ...parts }) => {
    const resolved = resolveSku(book, parts, now)
    if (resolved.state !== 'ok') return []
    return [{ keys: meters.map((meter) => cellKeyOf({ ...resolved, card: LIST_CARD, meter })), calls }]
  })

const assumedNow = (book: CompiledBook, { now, usage }: CheckOptions): BookFinding[] => {
  const inUse = book.rows.filter((row) => row.grade === 'D' && row.validFrom <= now && now < row.validTo)
  const placed = usage === undefined ? undefined : placeUsage(book, usage, now)
  return [...Map.groupBy(inUse, sheetKeyOf).values()].flatMap((ofSheet): BookFinding[] => {
    const [first] = ofSheet
    if (first === undefined) return []
    const meters = [...new Set(ofSheet.map(({ meter }) => meter))].join(', ')
    const what = `${meters}: assumed, from ${first.source}`
    const touched = placed === undefined ? {} : { calls: callsByAny(ofSheet, placed) }
    return [{ kind: 'assumed', where: sheetText(first), what, ...touched }]
  })
}

const horizonsNear = ({ horizons }: CompiledBook, now: number): BookFinding[] =>
  horizons
    .filter(({ horizon }) => horizon <= addMonths(now, HORIZON_WARNING_MONTHS))
    .map(({ calendar, horizon }) => {
      const what = `known until ${day(horizon)}; calls after it have no price`
      return { kind: 'horizon_near', where: calendar, what }
    })

const ninthsOf = ({ fusd, ninths }: PriceRow): bigint => fusd * 9n + BigInt(ninths)

/** The first time at which one of `dear` costs more than one of `cheap`. */
const firstAbove = (dear: readonly PriceRow[], cheap: readonly PriceRow[]): [PriceRow, PriceRow] | undefined => {
  for (const a of dear) {
    const b = cheap.find(
      (row) => intersectionOf(validityOf(a), validityOf(row)) !== undefined && ninthsOf(a) > ninthsOf(row),
    )
    if (b !== undefined) return [a, b]
  }
  return undefined
}

const finding = (kind: FindingKind, pair: [PriceRow, PriceRow] | undefined): BookFinding[] =>
  pair === undefined
    ? []
    : [
        {
          kind,
          where: rowText(pair[0]),
          what: `${quoteText(pair[0])} beside ${quoteText(pair[1])} for ${pair[1].tier} ${pair[1].meter}`,
        },
      ]

/** Oddities within one sheet and band. */
const oddMeters = (rows: readonly PriceRow[]): BookFinding[] =>
  [...Map.groupBy(rows, (row) => `${sheetKeyOf(row)}\u0000${row.band}`).values()].flatMap((ofBand) => {
    const of = (meter: Meter): PriceRow[] => ofBand.filter((row) => row.meter === meter)
    const listsOutput = of('output').some(({ fusd }) => fusd > 0n)
    return [
      ...finding('cache_read_above_input', firstAbove(of('cache_read'), of('input'))),
      ...(listsOutput ? finding('output_below_input', firstAbove(of('input'), of('output'))) : []),
    ]
  })

const dearBatches = (rows: readonly PriceRow[]): BookFinding[] => {
  const standard = Map.groupBy(
    rows.filter(({ tier }) => tier === 'standard'),
    rowKeyOf,
  )
  const batch = Map.groupBy(
    rows.filter(({ tier }) => tier === 'batch'),
    (row) => rowKeyOf({ ...row, tier: 'standard' }),
  )
  return [...batch].flatMap(([key, ofCell]) =>
    finding('batch_above_standard', firstAbove(ofCell, standard.get(key) ?? [])),
  )
}

/** A name is read as it meant when it was last seen: one that has ended since is no finding. */
const unmappedNames = (book: CompiledBook, { seen = [] }: CheckOptions): BookFinding[] => {
  const unmapped = seen.flatMap((sku) => {
    const resolved = resolveSku(book, sku, sku.lastSeen)
    if (resolved.state !== 'unpriced_model') return []
    const where = [sku.provider, sku.model, sku.region].filter((part) => part !== '').join(' · ')
    return [{ where, what: resolved.reason, calls: sku.calls }]
  })
  // One name in several tiers and lengths is one finding.
  return [...Map.groupBy(unmapped, ({ where }) => where).values()].flatMap((same): BookFinding[] => {
    const [first] = same
    const calls = same.reduce((sum, sku) => sum + sku.calls, 0)
    return first === undefined ? [] : [{ kind: 'unmapped_name', where: first.where, what: first.what, calls }]
  })
}

/** Everything odd about a book, by kind in the order of `FINDING_KINDS`. An empty list is a clean bill. */
export const checkBook = (book: CompiledBook, options: CheckOptions): BookFinding[] => [
  ...gapsOf(book.rows),
  ...reviewsDue(book, options.now),
  ...assumedNow(book, options),
  ...horizonsNear(book, options.now),
  ...oddMeters(book.rows).toSorted((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0)),
  ...dearBatches(book.rows),
  ...unmappedNames(book, options),
]
