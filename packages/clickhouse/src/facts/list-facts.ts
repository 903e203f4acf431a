import type { ClickHouseClient } from '@clickhouse/client'
import { columnNames, type TableColumns, type TableShape } from '#src/tables/table-shape.ts'

/** What is loaded in one table of facts. */
export interface LoadedFacts {
  readonly table: string
  /** Versions that are stored; older ones of a fact are kept. */
  readonly rows: number
  /** ISO 8601; null where nothing is loaded. */
  readonly latestLoad: string | null
  /** ISO 8601; null where nothing is loaded, or facts of the table do not start to hold at a time of their own. */
  readonly latestValidFrom: string | null
}

const ISO = '%Y-%m-%dT%H:%i:%SZ'
const isoOrNull = (column: string): string => `if(count() = 0, NULL, formatDateTime(max(${column}), '${ISO}', 'UTC'))`

/** One line per table, in the given order. */
export const listFacts = async (
  client: ClickHouseClient,
  database: string,
  shapes: readonly TableShape<TableColumns>[],
): Promise<LoadedFacts[]> => {
  const lines = shapes.map((shape, position) => {
    const validFrom = columnNames(shape).includes('valid_from')
      ? isoOrNull('valid_from')
      : 'CAST(NULL AS Nullable(String))'
    return `SELECT ${position} AS position, '${shape.table}' AS name, count() AS rows, ${isoOrNull('loaded_at')} AS latest_load,
      ${validFrom} AS latest_valid_from FROM ${database}.${shape.table}`
  })
  const result = await client.query({
    query: `SELECT * FROM (${lines.join(' UNION ALL ')}) ORDER BY position`,
    format: 'JSONEachRow',
  })
  const rows = await result.json<{
    name: string
    rows: string
    latest_load: string | null
    latest_valid_from: string | null
  }>()
  return rows.map((row) => ({
    table: row.name,
    rows: Number(row.rows),
    latestLoad: row.latest_load,
    latestValidFrom: row.latest_valid_from,
  }))
}
