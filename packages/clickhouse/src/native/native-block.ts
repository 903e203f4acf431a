import { atOnce, type Steps } from '@outlay/core'
import { ByteWriter } from './byte-writer.ts'
import type { ColumnType } from './column-types.ts'

/** One column of a table: its name, type, and how to read it off a row. */
export interface Column<Row> {
  readonly name: string
  readonly type: string
  readonly encode: (rows: readonly Row[], out: ByteWriter) => void
}

export const column = <Row, Value>(name: string, type: ColumnType<Value>, read: (row: Row) => Value): Column<Row> => ({
  name,
  type: type.name,
  encode: (rows, out) => type.write(rows.map(read), out),
})

/** About what a row of evidence or of the ledger takes. */
const ROW_BYTES = 1_000

/** Encodes rows as one block of ClickHouse's Native format: one block per insert, so that it is stored whole or not. */
export const encodeNativeBlock = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer =>
  atOnce(encodingNativeBlock(columns, rows))

/** The same, a column at a step. */
export function* encodingNativeBlock<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Steps<Buffer> {
  const out = new ByteWriter(rows.length * ROW_BYTES)
  out.varuint(columns.length)
  out.varuint(rows.length)
  for (const { name, type, encode } of columns) {
    out.text(name)
    out.text(type)
    encode(rows, out)
    yield
  }
  return out.bytes()
}
