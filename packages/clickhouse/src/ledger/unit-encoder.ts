/** Rows → the unit that carries them. */
import { atOnce, type Steps } from '@outlay/core'
import { type Columns, NativeBlockEncoder } from '#src/native/native-block.ts'
import { columnsOf, type RowOf, type TableColumns, type TableShape } from '#src/tables/table-shape.ts'
import type { EncodedUnit } from './insert-unit.ts'

/** A unit whose rows come some at a time, and are not held. */
export class UnitEncoder<Row> {
  readonly #table: string
  readonly #columns: readonly Columns<Row>[]
  readonly #block: NativeBlockEncoder<Row>

  constructor(table: string, columns: readonly Columns<Row>[]) {
    this.#table = table
    this.#columns = columns
    this.#block = new NativeBlockEncoder(columns)
  }

  static of<Shape extends TableColumns>(shape: TableShape<Shape>): UnitEncoder<RowOf<TableShape<Shape>>> {
    return new UnitEncoder(shape.table, columnsOf(shape))
  }

  get rows(): number {
    return this.#block.rows
  }

  /** All of the rows or, where a value is out of range, none of them: then it throws. Some rows at a step. */
  appending(rows: readonly Row[]): Steps<void> {
    return this.#block.appending(rows)
  }

  /** The unit, a column at a step. The encoder is of no use afterwards. */
  *finishing(token: string): Steps<EncodedUnit> {
    const columns = this.#columns.flatMap(({ heads }) => heads.map(({ name }) => name))
    return { table: this.#table, columns, body: yield* this.#block.finishing(), token }
  }
}

/** The unit of rows that are all at hand. */
export const encodeUnit = <Shape extends TableColumns>(
  shape: TableShape<Shape>,
  rows: readonly RowOf<TableShape<Shape>>[],
  token: string,
): EncodedUnit => {
  const unit = UnitEncoder.of(shape)
  atOnce(unit.appending(rows))
  return atOnce(unit.finishing(token))
}
