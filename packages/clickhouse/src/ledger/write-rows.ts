import type { ClickHouseClient } from '@clickhouse/client'
import { atOnce, OutlayError, type Steps } from '@outlay/core'
import { type Columns, NativeBlockEncoder } from '#src/native/native-block.ts'
import { columnsOf, type RowOf, type TableColumns, type TableShape } from '#src/tables/table-shape.ts'
import { type EncodedUnit, insertUnit } from './insert-unit.ts'

/** Encodes rows as the unit that carries them. */
export const encodeUnit = <Columns extends TableColumns>(
  shape: TableShape<Columns>,
  rows: readonly RowOf<TableShape<Columns>>[],
  token: string,
): EncodedUnit => atOnce(encodingUnit(shape, rows, token))

/** The same, some rows at a step. */
export function* encodingUnit<Shape extends TableColumns>(
  shape: TableShape<Shape>,
  rows: readonly RowOf<TableShape<Shape>>[],
  token: string,
): Steps<EncodedUnit> {
  const unit = new UnitEncoder<RowOf<TableShape<Shape>>>(shape.table, columnsOf(shape))
  yield* unit.appending(rows)
  return yield* unit.finishing(token)
}

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

/**
 * Inserts rows in one attempt, for callers that stand in front of a person: facts, price rows. Repeating the call with
 * the same token is safe. Fails with `E_INSERT`; nothing is half-written, since one block is stored whole or not.
 */
export const writeRows = async <Columns extends TableColumns>(
  client: ClickHouseClient,
  database: string,
  shape: TableShape<Columns>,
  { rows, token }: { readonly rows: readonly RowOf<TableShape<Columns>>[]; readonly token: string },
): Promise<void> => {
  if (rows.length === 0) return
  const outcome = await insertUnit(client, database, encodeUnit(shape, rows, token))
  if (outcome.status === 'accepted') return
  throw new OutlayError('E_INSERT', `rows were not accepted by ${database}.${shape.table}`, {
    got: `${outcome.status}, code ${outcome.code}`,
    fix: 'see the database log; the same command can be repeated safely',
  })
}
