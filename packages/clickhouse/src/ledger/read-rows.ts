import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { readWhole } from '#src/schema/stored-form.ts'
import { parseRow, type RowOf, selectListOf, type TableColumns, type TableShape } from '#src/tables/table-shape.ts'

/** Reads rows of a table as typed rows. `where` is SQL from our own code with bound parameters only. */
export const readRows = async <Columns extends TableColumns>(
  client: ClickHouseClient,
  database: string,
  shape: TableShape<Columns>,
  {
    where,
    params = {},
    final = false,
    ofAllShards = false,
    settings = {},
  }: {
    readonly where: string
    readonly params?: Record<string, unknown>
    readonly final?: boolean
    /** On a cluster the rows of every shard, else those of this one. */
    readonly ofAllShards?: boolean
    readonly settings?: ClickHouseSettings
  },
): Promise<RowOf<TableShape<Columns>>[]> => {
  const table = ofAllShards ? (await readWhole(client, database))(shape.table) : `${database}.${shape.table}`
  const result = await client.query({
    // The inner query filters on the stored columns: the outer one renames them to their JSON spelling.
    query: `SELECT ${selectListOf(shape)} FROM (SELECT * FROM ${table}${final ? ' FINAL' : ''} WHERE ${where})`,
    query_params: params,
    // Without names: they are more than half of the text of a row with 85 columns.
    format: 'JSONCompactEachRow',
    clickhouse_settings: settings,
  })
  // As they come: a large answer neither stands in memory as text nor holds the event loop.
  const rows: RowOf<TableShape<Columns>>[] = []
  for await (const some of result.stream<readonly unknown[]>()) {
    for (const row of some) rows.push(parseRow(shape, row.json()))
  }
  return rows
}
