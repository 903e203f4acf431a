/** Facts laid over facts: from when the upper ones hold, the lower ones are cut (spec: pricing §2, §12). */
import { type BookData, type ModelName, type SheetBands, validityOf } from '#src/book.ts'
import { type Interval, intersectionOf, subtractIntervals, unionOf } from '#src/interval.ts'
import { contentIdOf, type PriceRow, rowKeyOf, sheetKeyOf } from '#src/price-row.ts'

/** What a book says, without the tables that ship with the package. */
export type Facts = Pick<BookData, 'rows' | 'names' | 'bands'>

interface Windowed {
  readonly validFrom: number
  readonly validTo: number
}

const outside = <Fact extends Windowed>(fact: Fact, taken: readonly Interval[]): Fact[] => {
  const [first, ...more] = subtractIntervals(validityOf(fact), taken)
  if (first === undefined) return []
  if (more.length === 0 && first.from === fact.validFrom && first.to === fact.validTo) return [fact]
  return [first, ...more].map(({ from, to }) => ({ ...fact, validFrom: from, validTo: to }))
}

const timesBy = <Fact extends Windowed>(facts: readonly Fact[], keyOf: (fact: Fact) => string) =>
  new Map([...Map.groupBy(facts, keyOf)].map(([key, same]) => [key, unionOf(same.map(validityOf))] as const))

const nameKeyOf = ({ card, provider, name, rule }: ModelName): string => [card, provider, name, rule].join('\u0000')

/** When the upper sheet has other thresholds than the lower one: its cells cannot be told apart by band there. */
const timesOfOtherBands = (
  upper: readonly PriceRow[],
  bands: { readonly upper: readonly SheetBands[]; readonly lower: readonly SheetBands[] },
): Interval[] => {
  const listed = unionOf(upper.map(validityOf))
  const edges = [...bands.upper, ...bands.lower].flatMap(({ validFrom, validTo }) => [validFrom, validTo])
  const gtAt = (entries: readonly SheetBands[], at: number): string =>
    entries.find(({ validFrom, validTo }) => validFrom <= at && at < validTo)?.gt.join() ?? ''
  const pieces = listed.flatMap((interval) => {
    const cuts = [interval.from, ...edges.filter((edge) => interval.from < edge && edge < interval.to), interval.to]
    const sorted = [...new Set(cuts)].toSorted((a, b) => a - b)
    return sorted.slice(1).map((to, index) => ({ from: sorted[index] ?? 0, to }))
  })
  return unionOf(pieces.filter(({ from }) => gtAt(bands.upper, from) !== gtAt(bands.lower, from)))
}

interface Replaced {
  /** Times in which the upper sheet is the whole sheet. */
  readonly whole: readonly Interval[]
  /** Times in which the upper sheet says anything. */
  readonly listed: readonly Interval[]
}

const replacedSheets = (lower: Facts, upper: Facts): Map<string, Replaced> => {
  const upperBands = Map.groupBy(upper.bands, sheetKeyOf)
  const lowerBands = Map.groupBy(lower.bands, sheetKeyOf)
  return new Map(
    [...Map.groupBy(upper.rows, sheetKeyOf)].map(([sheet, rows]) => {
      const bands = { upper: upperBands.get(sheet) ?? [], lower: lowerBands.get(sheet) ?? [] }
      return [sheet, { whole: timesOfOtherBands(rows, bands), listed: unionOf(rows.map(validityOf)) }] as const
    }),
  )
}

const NEVER: Replaced = { whole: [], listed: [] }

/**
 * What is left of `lower` where `upper` holds: cell by cell, the whole sheet where the thresholds differ, name by name.
 * Rows that are cut are rows of their own.
 */
export const uncoveredFacts = (lower: Facts, upper: Facts): Facts => {
  const sheets = replacedSheets(lower, upper)
  const cells = timesBy(upper.rows, rowKeyOf)
  const names = timesBy(upper.names, nameKeyOf)
  return {
    rows: lower.rows.flatMap((row) => {
      const whole = (sheets.get(sheetKeyOf(row)) ?? NEVER).whole
      const taken = unionOf([...whole, ...(cells.get(rowKeyOf(row)) ?? [])])
      return outside(row, taken).map((piece) => (piece === row ? row : { ...piece, rowId: contentIdOf(piece) }))
    }),
    names: lower.names.flatMap((name) => outside(name, names.get(nameKeyOf(name)) ?? [])),
    bands: lower.bands.flatMap((band) => outside(band, (sheets.get(sheetKeyOf(band)) ?? NEVER).whole)),
  }
}

/** Thresholds of the upper facts that the lower ones do not say already at that time. */
export const newBands = (lower: readonly SheetBands[], upper: readonly SheetBands[]): SheetBands[] =>
  upper.flatMap((band) => {
    const same = lower.filter((entry) => sheetKeyOf(entry) === sheetKeyOf(band) && entry.gt.join() === band.gt.join())
    return outside(band, unionOf(same.map(validityOf)))
  })

/** The part of facts in which they hold within an interval. */
export const factsWithin = <Fact extends Windowed>(facts: readonly Fact[], window: Interval): Fact[] =>
  facts.flatMap((fact) => {
    const common = intersectionOf(validityOf(fact), window)
    return common === undefined ? [] : [{ ...fact, validFrom: common.from, validTo: common.to }]
  })
