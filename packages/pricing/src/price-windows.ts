/**
 * Price windows: for each sku its whole time line, cut where anything about its price changes. This is what the range
 * dictionary of the ledger is loaded from, so SQL does one look-up and one multiplication (spec: pricing §2).
 * Invariants: windows of a sku are half-open, disjoint, cover all time, and equal the resolver at every instant.
 */
import type { Meter } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { type IndexedSheet, thresholdsAt } from '#src/book-index.ts'
import { type Interval, intersectionOf, intervalAt, WHOLE_TIME } from '#src/interval.ts'
import { type Canonical, readSku, rowBandOf, type UnpricedState } from '#src/resolve-sku.ts'
import type { SkuParts } from '#src/sku.ts'

/** Femto-units of the currency for one unit of each meter; a meter that is not here has no price. */
export type UnitPrices = { readonly [meter in Meter]?: bigint }

export interface PriceWindow extends Canonical {
  readonly book: string
  readonly sku: bigint
  /** Price slots from here, unix seconds. */
  readonly from: number
  /** Exclusive; `OPEN_END` for the last window. */
  readonly to: number
  readonly state: 'ok' | UnpricedState
  /** Empty where nothing is priced. */
  readonly currency: string
  readonly fusd: UnitPrices
  /** Ninths of a femto-unit beside `fusd`, 0–8. */
  readonly ninthsAudioSecond: number
  readonly ninthsContainerSecond: number
  readonly band: number
}

type WindowContent = Omit<PriceWindow, 'book' | 'sku' | 'from' | 'to'>
interface TimedContent extends Interval {
  readonly content: WindowContent
}

const UNPRICED = { currency: '', fusd: {}, ninthsAudioSecond: 0, ninthsContainerSecond: 0, band: 0 } as const

const contentAt = (book: BookData, sheet: IndexedSheet, promptBand: number, { from }: Interval): WindowContent => {
  const { provider, model, region, tier } = sheet.sheet
  const canonical = { provider, model, region, tier }
  if (!sheet.coverage.some((covered) => covered.from <= from && from < covered.to)) {
    return { ...UNPRICED, ...canonical, state: 'unpriced_time' }
  }
  const band = rowBandOf(book, promptBand, thresholdsAt(sheet, from))
  const fusd: { [meter in Meter]?: bigint } = {}
  const ninths: { [meter in Meter]?: number } = {}
  for (const { meter, rows } of sheet.meters.get(band) ?? []) {
    const row = intervalAt(rows, from)
    if (row === undefined) continue
    fusd[meter] = row.fusd
    ninths[meter] = row.ninths
  }
  return {
    ...canonical,
    state: 'ok',
    currency: sheet.currency,
    fusd,
    ninthsAudioSecond: ninths.audio_second ?? 0,
    ninthsContainerSecond: ninths.container_second ?? 0,
    band,
  }
}

const intervalsBetween = (edges: Iterable<number>): Interval[] => {
  const inside = [...edges].filter((edge) => edge > WHOLE_TIME.from && edge < WHOLE_TIME.to)
  const sorted = [WHOLE_TIME.from, ...new Set(inside.toSorted((a, b) => a - b)), WHOLE_TIME.to]
  return sorted.slice(1).map((to, index) => ({ from: sorted[index] ?? 0, to }))
}

const sameContent = (a: WindowContent, b: WindowContent): boolean => {
  if (a === b) return true
  const scalars = ['state', 'provider', 'model', 'region', 'tier', 'currency', 'band'] as const
  const ninths = ['ninthsAudioSecond', 'ninthsContainerSecond'] as const
  const meters = Object.keys(a.fusd) as Meter[]
  return (
    [...scalars, ...ninths].every((key) => a[key] === b[key]) &&
    meters.length === Object.keys(b.fusd).length &&
    meters.every((meter) => a.fusd[meter] === b.fusd[meter])
  )
}

const joined = (timeline: readonly TimedContent[]): TimedContent[] => {
  const result: TimedContent[] = []
  for (const part of timeline) {
    const last = result.at(-1)
    if (last !== undefined && sameContent(last.content, part.content)) {
      result[result.length - 1] = { ...last, to: part.to }
    } else result.push(part)
  }
  return result
}

/** The time line of one sheet for one prompt band. */
const timelineOf = (book: BookData, sheet: IndexedSheet, promptBand: number): TimedContent[] => {
  const rows = [...sheet.meters.values()].flatMap((meters) => meters.flatMap(({ rows }) => rows))
  const edges = [...rows, ...sheet.bands].flatMap(({ validFrom, validTo }) => [validFrom, validTo])
  return joined(
    intervalsBetween(edges).map((interval) => ({ ...interval, content: contentAt(book, sheet, promptBand, interval) })),
  )
}

const skuTimeline = (
  book: BookData,
  parts: SkuParts,
  timelineOfSheet: (sheet: IndexedSheet, promptBand: number) => readonly TimedContent[],
): TimedContent[] => {
  const reading = readSku(book, parts)
  const timeline = intervalsBetween(reading.edges).flatMap((interval): TimedContent[] => {
    const resolution = reading.at(interval.from)
    if (resolution.state !== 'found') {
      const { state, provider, model, region, tier } = resolution
      return [{ ...interval, content: { ...UNPRICED, state, provider, model, region, tier } }]
    }
    return timelineOfSheet(resolution.sheet, parts.promptBand).flatMap((part) => {
      const inside = intersectionOf(part, interval)
      return inside === undefined ? [] : [{ ...inside, content: part.content }]
    })
  })
  return joined(timeline)
}

/**
 * The windows of all given skus under one book, each sku's in order of time. `options.book` is the name that queries
 * ask for. Fails only on a `promptBand` that the book's edges do not have (programmer error).
 */
export const buildPriceWindows = (
  book: BookData,
  skus: readonly ({ readonly sku: bigint } & SkuParts)[],
  options: { readonly book: string },
): PriceWindow[] => {
  const timelines = new Map<IndexedSheet, Map<number, TimedContent[]>>()
  const timelineOfSheet = (sheet: IndexedSheet, promptBand: number): TimedContent[] => {
    const ofSheet = timelines.get(sheet) ?? new Map<number, TimedContent[]>()
    timelines.set(sheet, ofSheet)
    const known = ofSheet.get(promptBand) ?? timelineOf(book, sheet, promptBand)
    ofSheet.set(promptBand, known)
    return known
  }
  return skus.flatMap((sku) =>
    skuTimeline(book, sku, timelineOfSheet).map(({ from, to, content }) => ({
      book: options.book,
      sku: sku.sku,
      from,
      to,
      ...content,
    })),
  )
}
