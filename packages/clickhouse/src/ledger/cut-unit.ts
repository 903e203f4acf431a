/** Parts of a unit that was refused: its own bytes, cut between rows, under tokens that say which rows they are. */
import { type CuttableBlock, openNativeBlock } from '#src/native/cut-native-block.ts'
import type { EncodedUnit } from './insert-unit.ts'

/** Rows of one block: the whole of it, or a part that was cut out of it. */
export interface CuttableUnit {
  readonly rows: number
  readonly halves: () => readonly [EncodedUnit & { readonly rows: number }, EncodedUnit & { readonly rows: number }]
  /** Where the first row stands: what its columns say, as far as the table has them. Never content. */
  readonly firstRow: () => Readonly<Record<string, string>>
}

/** Columns that say where a row comes from. */
const PLACES = ['lsn', 'unit', 'pos', 'trace_id', 'span_id', 'entry_id', 'seq']

/** Opens a sealed unit for cutting. Half the rows go to either part; a part of one row cannot be cut. */
export const cutUnit = (unit: EncodedUnit): CuttableUnit => {
  const block = openNativeBlock(unit.body)
  const part = (from: number, to: number) => ({
    table: unit.table,
    columns: unit.columns,
    body: block.cut(from, to),
    token: `${unit.token}:${from}-${to - 1}`,
    rows: to - from,
  })
  return {
    rows: block.rows,
    halves: () => {
      const middle = Math.ceil(block.rows / 2)
      return [part(0, middle), part(middle, block.rows)]
    },
    firstRow: () => placeOf(block),
  }
}

const placeOf = (block: CuttableBlock): Readonly<Record<string, string>> =>
  Object.fromEntries(
    PLACES.flatMap((column) => {
      const value = block.cell(column, 0)
      return value === undefined ? [] : [[column, value.toString()]]
    }),
  )
