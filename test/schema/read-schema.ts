/**
 * What a migrated engine says of its own schema: tables, dictionaries, materialized views, and the header of every
 * parameterised view. Deterministic: no name of the database, no time, no setting of this machine.
 */
import { type ClickHouseClient, KPI_VIEWS, kpiStatement } from '@outlay/clickhouse'

export interface SchemaColumn {
  readonly name: string
  readonly type: string
  readonly comment: string
}

export interface SchemaTable {
  readonly name: string
  /** `MergeTree` and its kin, `Dictionary`, or `MaterializedView`. */
  readonly engine: string
  readonly comment: string
  readonly partition: string
  readonly order: string
  readonly ttl: string
  /** Table that a materialized view writes to, or that a dictionary reads. */
  readonly of: string
  readonly columns: readonly SchemaColumn[]
}

export interface SchemaView {
  readonly name: string
  readonly comment: string
  /** Name and type, in order. */
  readonly columns: readonly (readonly [string, string])[]
}

export interface Schema {
  readonly tables: readonly SchemaTable[]
  readonly views: readonly SchemaView[]
}

interface TableRow {
  readonly name: string
  readonly engine: string
  readonly engine_full: string
  readonly comment: string
  readonly partition_key: string
  readonly sorting_key: string
  readonly create_table_query: string
  readonly target_table: string
}

const rowsOf = async <Row>(client: ClickHouseClient, query: string, database: string): Promise<Row[]> =>
  (await client.query({ query, query_params: { database }, format: 'JSONEachRow' })).json<Row>()

/** `MergeTree` of `MergeTree PARTITION BY … ORDER BY … TTL … SETTINGS …`. */
const engineOf = ({ engine, engine_full }: TableRow): string =>
  engine_full === '' ? engine : (engine_full.split(/ (?:PARTITION BY|ORDER BY) /)[0] ?? engine)

const ttlOf = ({ engine_full }: TableRow): string => / TTL (.+?) SETTINGS /.exec(engine_full)?.[1] ?? ''

const sourceOf = ({ engine, target_table, create_table_query }: TableRow, database: string): string =>
  engine === 'Dictionary' ? (new RegExp(`FROM ${database}\\.(\\w+)`).exec(create_table_query)?.[1] ?? '') : target_table

const readTables = async (client: ClickHouseClient, database: string): Promise<readonly SchemaTable[]> => {
  const tables = await rowsOf<TableRow>(
    client,
    `SELECT name, engine, engine_full, comment, partition_key, sorting_key, create_table_query, target_table
    FROM system.tables WHERE database = {database:String} AND engine != 'View' ORDER BY name`,
    database,
  )
  const columns = await rowsOf<SchemaColumn & { readonly table: string }>(
    client,
    'SELECT table, name, type, comment FROM system.columns WHERE database = {database:String} ORDER BY table, position',
    database,
  )
  return tables.map((table) => ({
    name: table.name,
    engine: engineOf(table),
    comment: table.comment,
    partition: table.partition_key,
    order: table.sorting_key,
    ttl: ttlOf(table),
    of: sourceOf(table, database),
    columns: columns
      .filter((column) => column.table === table.name)
      .map(({ name, type, comment }) => ({ name, type, comment })),
  }))
}

/** Any arguments do: a header does not depend on them. */
const ANY_ARGUMENTS = {
  from_time: 1_790_000_000,
  to_time: 1_790_100_000,
  as_of: 1_790_100_000,
  dimension: 'tenant',
  feature: '',
  provider: 'openai',
  other_book: 'current',
} as const

const readHeader = async (client: ClickHouseClient, database: string, name: (typeof KPI_VIEWS)[number]['name']) => {
  const parameters: readonly string[] = KPI_VIEWS.find((view) => view.name === name)?.parameters ?? []
  const args = Object.fromEntries(Object.entries(ANY_ARGUMENTS).filter(([key]) => parameters.includes(key)))
  const { query, query_params } = kpiStatement(database, name, args)
  const result = await client.query({ query: `DESCRIBE TABLE (${query})`, query_params, format: 'JSONEachRow' })
  const rows = await result.json<{ name: string; type: string }>()
  return rows.map((column) => [column.name, column.type] as const)
}

const readViews = async (client: ClickHouseClient, database: string): Promise<readonly SchemaView[]> => {
  const comments = await rowsOf<{ name: string; comment: string }>(
    client,
    `SELECT name, comment FROM system.tables WHERE database = {database:String} AND engine = 'View' ORDER BY name`,
    database,
  )
  const views: SchemaView[] = []
  for (const { name } of KPI_VIEWS) {
    const comment = comments.find((view) => view.name === name)?.comment ?? ''
    views.push({ name, comment, columns: await readHeader(client, database, name) })
  }
  return views
}

export const readSchema = async (client: ClickHouseClient, database: string): Promise<Schema> => ({
  tables: await readTables(client, database),
  views: await readViews(client, database),
})
