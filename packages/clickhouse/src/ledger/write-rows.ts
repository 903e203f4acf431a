import type { ClickHouseClient } from '@clickhouse/client'
import { atOnce, OutlayError, type Steps } from '@outlay/core'
import { encodingNativeBlock } from '#src/native/native-block.ts'
import { columnNames, encodersOf, type RowOf, type TableColumns, type TableShape } from '#src/tables/table-shape.ts'
import { type EncodedUnit, insertUnit } from './insert-unit.ts'

/** Encodes rows as the unit that carries them. */
export const encodeUnit = <Columns extends TableColumns>(
  shape: TableShape<Columns>,
  rows: readonly RowOf<TableShape<Columns>>[],
  token: string,
): EncodedUnit => atOnce(encodingUnit(shape, rows, token))

/** The same, a column at a step. */
export function* encodingUnit<Columns extends TableColumns>(
  shape: TableShape<Columns>,
  rows: readonly RowOf<TableShape<Columns>>[],
  token: string,
): Steps<EncodedUnit> {
  const body = yield* encodingNativeBlock(encodersOf(shape), rows)
  return { table: shape.table, columns: columnNames(shape), body, token }
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
