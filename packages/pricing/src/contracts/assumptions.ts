/**
 * Prices that a card assumes: `assume: {cache_write_unknown: cache_write_5m}` says what a write of unknown time to live
 * shall cost for those who accept to be 1.6× too low. Every such row says so (spec: pricing §3).
 */
import type { Meter } from '@outlay/core'
import { validityOf } from '#src/book.ts'
import { type Interval, subtractIntervals, unionOf } from '#src/interval.ts'
import { type PriceRow, withRowId } from '#src/price-row.ts'

/** Target meter → the meter whose price it takes. */
export type Assumptions = Readonly<Record<string, Meter>>

const holes = (rows: readonly PriceRow[], source: PriceRow, target: string): Interval[] => {
  const taken = rows.filter(({ band, meter }) => band === source.band && meter === target)
  return subtractIntervals(validityOf(source), unionOf(taken.map(validityOf)))
}

const sourcesOf = (
  rows: readonly PriceRow[],
  assume: Assumptions,
): { readonly row: PriceRow; readonly target: Meter }[] =>
  (Object.entries(assume) as [Meter, Meter][]).flatMap(([target, source]) =>
    rows.filter(({ meter }) => meter === source).map((row) => ({ row, target })),
  )

/** When one sheet would have a price that it lacks. */
export const timesAssumed = (rows: readonly PriceRow[], assume: Assumptions): Interval[] =>
  sourcesOf(rows, assume).flatMap(({ row, target }) => holes(rows, row, target))

/** The assumed rows of one sheet of a card. */
export const assumedRows = (rows: readonly PriceRow[], assume: Assumptions): PriceRow[] =>
  sourcesOf(rows, assume).flatMap(({ row, target }) =>
    holes(rows, row, target).map(({ from, to }) =>
      withRowId({ ...row, meter: target, validFrom: from, validTo: to, derivedFrom: 'assumption' }),
    ),
  )
