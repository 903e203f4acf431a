/** A book arranged for look-up. Built once per book object, which is never changed after it was handed over. */
import type { Meter } from '@outlay/core'
import type { BookData, ModelName, NameRule, SheetBands } from '#src/book.ts'
import { validityOf } from '#src/book.ts'
import { type Interval, intervalAt, unionOf } from '#src/interval.ts'
import { LIST_CARD, type PriceRow, type Sheet, sheetKeyOf } from '#src/price-row.ts'

/** Rows of one meter in one band, sorted and disjoint in time. */
interface MeterRows {
  readonly meter: Meter
  readonly rows: readonly PriceRow[]
}

export interface IndexedSheet {
  readonly sheet: Sheet
  readonly currency: string
  /** By band. */
  readonly meters: ReadonlyMap<number, readonly MeterRows[]>
  readonly bands: readonly SheetBands[]
  /** When any price of the sheet holds. */
  readonly coverage: readonly Interval[]
}

export interface BookIndex {
  readonly billers: ReadonlySet<string>
  namesOf(provider: string, name: string, rule: NameRule): readonly ModelName[]
  sheetOf(sheet: Omit<Sheet, 'card'>): IndexedSheet | undefined
  /** Whether the model has any sheet in the region. */
  hasRegion(provider: string, model: string, region: string): boolean
}

const byStart = <T extends { readonly validFrom: number }>(a: T, b: T): number => a.validFrom - b.validFrom

const keyOf = (...parts: readonly string[]): string => parts.join('\u0000')

const metersByBand = (rows: readonly PriceRow[]): ReadonlyMap<number, readonly MeterRows[]> =>
  new Map(
    [...Map.groupBy(rows, ({ band }) => band)].map(([band, ofBand]) => {
      const meters = [...Map.groupBy(ofBand, ({ meter }) => meter)]
      return [band, meters.map(([meter, ofMeter]) => ({ meter, rows: ofMeter.toSorted(byStart) }))] as const
    }),
  )

const indexSheet = (rows: readonly PriceRow[], bands: readonly SheetBands[]): IndexedSheet | undefined => {
  const [first] = rows
  if (first === undefined) return undefined
  const { card, provider, model, region, tier, currency } = first
  return {
    sheet: { card, provider, model, region, tier },
    currency,
    meters: metersByBand(rows),
    bands: bands.toSorted(byStart),
    coverage: unionOf(rows.map(validityOf)),
  }
}

const createBookIndex = (book: BookData): BookIndex => {
  // Cards that were not laid over each other would give one sheet two prices: such a book answers for the list alone.
  const isAsked = ({ card }: { readonly card: string }): boolean => book.scope !== undefined || card === LIST_CARD
  const rows = book.rows.filter(isAsked)
  const placeOf = (sheet: Sheet): string => sheetKeyOf({ ...sheet, card: '' })
  const bands = Map.groupBy(book.bands.filter(isAsked), placeOf)
  const sheets = new Map(
    [...Map.groupBy(rows, placeOf)].map(([key, ofSheet]) => [key, indexSheet(ofSheet, bands.get(key) ?? [])] as const),
  )
  const names = Map.groupBy(book.names.filter(isAsked), ({ provider, name, rule }) => keyOf(provider, name, rule))
  const regions = new Set(rows.map(({ provider, model, region }) => keyOf(provider, model, region)))
  return {
    billers: new Set(book.names.map(({ provider }) => provider)),
    namesOf: (provider, name, rule) => names.get(keyOf(provider, name, rule)) ?? [],
    sheetOf: (sheet) => sheets.get(placeOf({ card: '', ...sheet })),
    hasRegion: (provider, model, region) => regions.has(keyOf(provider, model, region)),
  }
}

const indexes = new WeakMap<BookData, BookIndex>()

export const indexOfBook = (book: BookData): BookIndex => {
  const known = indexes.get(book)
  if (known !== undefined) return known
  const index = createBookIndex(book)
  indexes.set(book, index)
  return index
}

/** Thresholds of a sheet at an instant; none if it has a single band. */
export const thresholdsAt = (sheet: IndexedSheet, atSeconds: number): readonly number[] =>
  intervalAt(sheet.bands, atSeconds)?.gt ?? []
