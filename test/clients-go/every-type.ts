/** A table with one column of every type that the ledger's tables have, and of a few that they do not; random rows. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import type { TestLedger } from '../harness/test-ledger.ts'
import type { Plain } from './run-sql-client.ts'

/** Types of other makers' tables, which a panel of the user may read through the same data source. */
const FOREIGN = [
  'UUID',
  'Bool',
  'Int16',
  'Int32',
  'Float32',
  'UInt256',
  'Decimal(9, 2)',
  'Tuple(String, UInt64)',
  'Nullable(UUID)',
  'LowCardinality(Nullable(String))',
  'Array(Nullable(UInt64))',
  "DateTime64(6, 'UTC')",
]
const ROWS = 20
const SEED = 7

export const EVERY_TYPE = 'SELECT * FROM every_type ORDER BY position'

const column = (index: number): string => `c${index}`

export const fillEveryType = async (client: ClickHouseClient, database: string): Promise<void> => {
  const stored = await client.query({
    query: `SELECT DISTINCT type FROM system.columns WHERE database = {database:String}
      AND NOT startsWith(type, 'AggregateFunction') ORDER BY type`,
    query_params: { database },
    format: 'JSONCompactEachRow',
  })
  const types = [...new Set([...(await stored.json<[string]>()).map(([type]) => type), ...FOREIGN])]
  const columns = types.map((type, index) => `${column(index)} ${type}`).join(', ')
  await client.command({
    query: `CREATE TABLE ${database}.every_type (position UInt64, ${columns}) ENGINE = MergeTree ORDER BY position`,
  })
  const structure = columns.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  await client.command({
    query: `INSERT INTO ${database}.every_type
      SELECT rowNumberInAllBlocks(), * FROM generateRandom('${structure}', ${SEED}, 12, 3) LIMIT ${ROWS}`,
  })
}

/** Its types, and its rows as the JS client reads them; a FixedString, which need not be text, as hex(). */
export const readEveryType = async (
  { client, reader }: TestLedger,
  database: string,
): Promise<{ readonly types: readonly string[]; readonly plain: readonly Plain[][] }> => {
  const described = await client.query({
    query: `SELECT name, type FROM system.columns WHERE database = {database:String} AND table = 'every_type' ORDER BY position`,
    query_params: { database },
    format: 'JSONCompactEachRow',
  })
  const columns = await described.json<[string, string]>()
  const list = columns.map(([name, type]) => (type.startsWith('FixedString') ? `hex(${name})` : name))
  const result = await reader.query({
    query: `SELECT ${list.join(', ')} FROM ${database}.every_type ORDER BY position`,
    format: 'JSONCompactEachRow',
  })
  return { types: columns.map(([, type]) => type), plain: await result.json<Plain[]>() }
}
