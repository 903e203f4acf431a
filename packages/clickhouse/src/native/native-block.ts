import { atOnce, type Steps } from '@outlay/core'
import { ByteWriter } from './byte-writer.ts'
import type { ColumnBytes } from './column-encoders.ts'
import type { ColumnType } from './column-types.ts'

/** A column of a table, or several that are read off a row together. */
export interface Columns<Row> {
  readonly heads: readonly { readonly name: string; readonly type: string }[]
  encoder(): ColumnsEncoder<Row>
}

export interface ColumnsEncoder<Row> {
  append(rows: readonly Row[]): void
  /** As in the heads. */
  readonly columns: readonly ColumnBytes[]
}

/** One column: its name, type, and how to read it off a row. */
export const column = <Row, Value>(name: string, type: ColumnType<Value>, read: (row: Row) => Value): Columns<Row> => ({
  heads: [{ name, type: type.name }],
  encoder: () => {
    const encoder = type.encoder()
    return { append: (rows) => encoder.append(rows.map(read)), columns: [encoder] }
  },
})

/** Rows that are encoded at a step: few, so that what is made of them on the way is gone before it is ever moved. */
const ROWS_PER_STEP = 256

/**
 * Rows → one block of ClickHouse's Native format: one block per insert, so that it is stored whole or not. Rows come some
 * at a time and are not held: a block of twenty thousand of them takes its bytes and no more.
 */
export class NativeBlockEncoder<Row> {
  readonly #columns: readonly Columns<Row>[]
  readonly #encoders: readonly ColumnsEncoder<Row>[]
  #rows = 0

  constructor(columns: readonly Columns<Row>[]) {
    this.#columns = columns
    this.#encoders = columns.map((each) => each.encoder())
  }

  /** Rows that stay. */
  get rows(): number {
    return this.#rows
  }

  /** All of the rows or, where a value is out of range, none of them: then it throws. Some rows at a step. */
  *appending(rows: readonly Row[]): Steps<void> {
    try {
      for (let from = 0; from < rows.length; from += ROWS_PER_STEP) {
        if (from > 0) yield
        const some = rows.length <= ROWS_PER_STEP ? rows : rows.slice(from, from + ROWS_PER_STEP)
        for (const encoder of this.#encoders) encoder.append(some)
      }
    } catch (error) {
      for (const each of this.#bytes()) each.rollback()
      throw error
    }
    for (const each of this.#bytes()) each.commit()
    this.#rows += rows.length
  }

  /** The block, a column at a step. The encoder is of no use afterwards. */
  *finishing(): Steps<Buffer> {
    const heads = this.#columns.flatMap((each) => each.heads)
    const bytes = this.#bytes()
    const out = new ByteWriter(bytes.reduce((sum, { length }) => sum + length + HEAD_BYTES, HEAD_BYTES))
    out.varuint(heads.length)
    out.varuint(this.#rows)
    for (const [index, each] of bytes.entries()) {
      out.text(heads[index]?.name ?? '')
      out.text(heads[index]?.type ?? '')
      each.writeTo(out)
      each.release()
      yield
    }
    return out.bytes()
  }

  #bytes(): readonly ColumnBytes[] {
    return this.#encoders.flatMap(({ columns }) => columns)
  }
}

/** More than a name and a type take. */
const HEAD_BYTES = 64

/** Encodes rows as one block. */
export const encodeNativeBlock = <Row>(columns: readonly Columns<Row>[], rows: readonly Row[]): Buffer => {
  const encoder = new NativeBlockEncoder(columns)
  atOnce(encoder.appending(rows))
  return atOnce(encoder.finishing())
}
