/**
 * An empty table beside another one, from which a partition of that one can be replaced. It is of this server alone also
 * where the other is replicated: `CREATE TABLE … AS` would claim the replica of the original in Keeper and be refused.
 * What is put in place from it reaches the other replicas as one entry of their log.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { assert } from '@outlay/core'
import { renderSql } from './render-sql.ts'

interface Shape {
  readonly engine: string
  readonly partition_key: string
  readonly sorting_key: string
}

export const createCopy = async (
  client: ClickHouseClient,
  database: string,
  { table, copy }: { readonly table: string; readonly copy: string },
): Promise<void> => {
  const result = await client.query({
    query: `SELECT engine, partition_key, sorting_key FROM system.tables
      WHERE database = {database:String} AND name = {table:String}`,
    query_params: { database, table },
    format: 'JSONEachRow',
  })
  const [shape] = await result.json<Shape>()
  assert(shape !== undefined, `${table} is a table of the schema`)
  const partitions = shape.partition_key === '' ? '' : ` PARTITION BY ${shape.partition_key}`
  await client.command({
    query: renderSql(
      `CREATE TABLE {{db}}.${copy} AS {{db}}.${table} ENGINE = ${shape.engine.replace(/^Replicated/, '')}${partitions} ORDER BY (${shape.sorting_key}) SETTINGS {{table_settings}}`,
      { database },
    ),
  })
}
