/** What must hold for any set of visible price rows, wherever it comes from: asked again before rows are stored. */
import { type BandEdges, thresholdProblem } from '#src/band-edges.ts'
import type { BookData, SheetBands } from '#src/book.ts'
import { formatInstant } from '#src/instant.ts'
import { isSlotStart, OPEN_END } from '#src/interval.ts'
import { type PriceRow, rowKeyOf, type Sheet, sheetKeyOf, unitPriceOf } from '#src/price-row.ts'
import type { PriceBookProblem } from '#src/problem.ts'
import { offSlotProblem, rawNamesOf } from '#src/slot-edge.ts'

/** What is visible together; without names a model is known by its canonical id alone. */
export type BookToCheck = Pick<BookData, 'rows' | 'bands' | 'slotSplits'> & Partial<Pick<BookData, 'names'>> & BandEdges

const sheetText = ({ card, provider, model, region, tier }: Sheet): string =>
  [card, provider, model, region, tier].filter((part) => part !== '').join(' · ')

const rowText = (row: PriceRow): string => `${sheetText(row)} · band ${row.band} · ${row.meter}`

interface Windowed {
  readonly validFrom: number
  readonly validTo: number
}

const checkWindow = (
  book: BookToCheck,
  { provider, model, validFrom, validTo }: Windowed & Sheet,
  where: string,
  problems: PriceBookProblem[],
): void => {
  if (validFrom < 0 || validFrom >= validTo || validTo > OPEN_END) {
    problems.push({ code: 'E_WINDOW', where, what: `no such window: ${validFrom} to ${validTo}` })
    return
  }
  for (const at of [validFrom, validTo].filter((edge) => !isSlotStart(edge))) {
    const names = rawNamesOf(book.names ?? [], { provider, model })
    const problem = offSlotProblem(book, { provider, names, at })
    if (problem !== undefined) problems.push({ where, ...problem })
  }
}

const checkUnitPrice = (row: PriceRow, problems: PriceBookProblem[]): void => {
  if (row.price.startsWith('-')) {
    problems.push({ code: 'E_DECIMALS', where: rowText(row), what: `${row.price} is negative` })
    return
  }
  const unit = unitPriceOf(row.meter, row.price, row.per)
  if (unit.exact && unit.fusd === row.fusd && unit.ninths === row.ninths) return
  const what = `${row.price} per ${row.per} does not give ${row.fusd} femto-units and ${row.ninths} ninths`
  problems.push({ code: 'E_DERIVED', where: rowText(row), what })
}

/** Reports each neighbour in `group`, sorted by time, that starts before the one before it has ended. */
const checkOverlaps = <T extends Windowed>(
  group: readonly T[],
  describe: (entry: T) => Omit<PriceBookProblem, 'what'>,
  problems: PriceBookProblem[],
): void => {
  const sorted = group.toSorted((a, b) => a.validFrom - b.validFrom)
  let end = 0
  for (const entry of sorted) {
    if (entry.validFrom < end) {
      problems.push({ ...describe(entry), what: `overlaps another one at ${formatInstant(entry.validFrom)}` })
    }
    end = Math.max(end, entry.validTo)
  }
}

const checkCurrencies = (rows: readonly PriceRow[], problems: PriceBookProblem[]): void => {
  for (const sheet of Map.groupBy(rows, sheetKeyOf).values()) {
    const [first] = sheet
    const other = sheet.find(({ currency }) => currency !== first?.currency)
    if (other === undefined) continue
    const what = `${other.currency} beside ${first?.currency ?? ''} on one sheet`
    problems.push({ code: 'E_TWO_CURRENCIES', where: rowText(other), what })
  }
}

const checkThresholds = (sheet: SheetBands, edges: BandEdges, problems: PriceBookProblem[]): void => {
  const where = sheetText(sheet)
  for (const threshold of sheet.gt) {
    const problem = thresholdProblem(edges, threshold, sheet.validFrom)
    if (problem !== undefined) problems.push({ where, ...problem })
  }
  if (sheet.gt.some((threshold, index) => index > 0 && threshold <= (sheet.gt[index - 1] ?? 0))) {
    problems.push({ code: 'E_BANDS', where, what: 'thresholds must ascend' })
  }
}

/** A band above the thresholds of its sheet could never be reached. */
const checkReach = ({ rows, bands }: BookToCheck, problems: PriceBookProblem[]): void => {
  const bandsOfSheet = Map.groupBy(bands, sheetKeyOf)
  for (const row of rows.filter(({ band }) => band > 0)) {
    const reached = (bandsOfSheet.get(sheetKeyOf(row)) ?? []).some(
      ({ gt, validFrom, validTo }) => gt.length >= row.band && validFrom <= row.validFrom && row.validTo <= validTo,
    )
    if (!reached) problems.push({ code: 'E_BANDS', where: rowText(row), what: 'no thresholds lead to this band' })
  }
}

/**
 * Every problem of a set of rows that would be visible together; empty if they may be stored. Rows of one key never
 * overlap, edges lie on slots or splits, thresholds on band edges, one currency per sheet, unit prices follow from quotes.
 */
export const validateRows = (book: BookToCheck): PriceBookProblem[] => {
  const problems: PriceBookProblem[] = []
  for (const row of book.rows) {
    checkWindow(book, row, rowText(row), problems)
    checkUnitPrice(row, problems)
  }
  for (const group of Map.groupBy(book.rows, rowKeyOf).values()) {
    checkOverlaps(group, (row) => ({ code: 'E_OVERLAP', where: rowText(row) }), problems)
  }
  for (const sheet of book.bands) {
    checkWindow(book, sheet, sheetText(sheet), problems)
    checkThresholds(sheet, book, problems)
  }
  for (const group of Map.groupBy(book.bands, sheetKeyOf).values()) {
    checkOverlaps(group, (sheet) => ({ code: 'E_THRESHOLDS_DIFFER', where: sheetText(sheet) }), problems)
  }
  checkCurrencies(book.rows, problems)
  checkReach(book, problems)
  return problems
}
