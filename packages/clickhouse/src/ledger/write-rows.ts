import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'
import type { RowOf, TableColumns, TableShape } from '#src/tables/table-shape.ts'
import { insertUnit } from './insert-unit.ts'
import { encodeUnit } from './unit-encoder.ts'

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
