/**
 * Rows that somebody inserted with SQL without closing what they replace: where visible rows of one key overlap, the
 * one recorded last holds. What Outlay itself records never overlaps.
 */
import { validityOf } from '#src/book.ts'
import { subtractIntervals, unionOf } from '#src/interval.ts'
import { type PriceRow, rowKeyOf } from '#src/price-row.ts'

export interface KnownRow {
  readonly row: PriceRow
  readonly revision: number
}

/** Rows that do not overlap; pieces keep the id of the row that they are stored as. */
export const latestKnowledge = (known: readonly KnownRow[]): PriceRow[] =>
  [...Map.groupBy(known, ({ row }) => rowKeyOf(row)).values()].flatMap((entries) => {
    const inTime = entries.map(({ row }) => row).toSorted((a, b) => a.validFrom - b.validFrom)
    // Calendars give one key thousands of windows that touch and never overlap: the usual case costs one sort.
    const overlaps = inTime.some((row, index) => row.validTo > (inTime[index + 1]?.validFrom ?? row.validTo))
    return overlaps ? newestFirst(entries) : inTime
  })

const newestFirst = (entries: readonly KnownRow[]): PriceRow[] => {
  const ordered = entries.toSorted((a, b) => b.revision - a.revision || (a.row.rowId < b.row.rowId ? 1 : -1))
  const kept: PriceRow[] = []
  for (const { row } of ordered) {
    const free = subtractIntervals(validityOf(row), unionOf(kept.map(validityOf)))
    kept.push(...free.map(({ from, to }) => ({ ...row, validFrom: from, validTo: to })))
  }
  return kept.toSorted((a, b) => a.validFrom - b.validFrom)
}
