/** How a database stands to the schema of this version: what is not applied, what was applied with another text. */
import type { ClickHouseClient } from '@clickhouse/client'
import { isOfCluster } from './all-shards.ts'
import { readMigrations, readRetiredMigrations, readViews } from './migrations.ts'

export interface SchemaState {
  /** Migrations that `outlay migrate` would apply. */
  readonly missing: readonly string[]
  /** Applied with a text that this version does not have. */
  readonly changed: readonly string[]
  /** Views that `outlay migrate` would replace. */
  readonly outdatedViews: readonly string[]
  /** Applied by a newer version. */
  readonly unknown: readonly string[]
  /** Tables and views of counters that a migration made, and that are not there. */
  readonly lost: readonly string[]
}

const storedAs = (migration: string): string => migration.replace(/^\d+-/, '').replaceAll('-', '_')
const makesStored = (migration: string): boolean => /-(counters|index|skus)(-mv)?$/.test(migration)

const namesOf = async (client: ClickHouseClient, database: string): Promise<ReadonlySet<string>> => {
  const result = await client.query({
    query: 'SELECT name FROM system.tables WHERE database = {database:String}',
    query_params: { database },
    format: 'JSONEachRow',
  })
  return new Set((await result.json<{ name: string }>()).map(({ name }) => name))
}

export const readSchemaState = async (client: ClickHouseClient, database: string): Promise<SchemaState> => {
  const result = await client.query({
    query: `SELECT name, argMax(checksum, applied_at) AS checksum FROM ${database}.schema_migrations GROUP BY name`,
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ name: string; checksum: string }>()
  const known = new Map(rows.map(({ name, checksum }) => [name, checksum]))
  const [migrations, views, stored] = [readMigrations(), readViews(), await namesOf(client, database)]
  const ours = new Set([...[...migrations, ...views].map(({ name }) => name), ...readRetiredMigrations()])
  const applied = migrations.filter(({ name }) => known.has(name))
  return {
    missing: migrations.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    changed: applied.filter(({ name, checksum }) => known.get(name) !== checksum).map(({ name }) => name),
    outdatedViews: views.filter(({ name, checksum }) => known.get(name) !== checksum).map(({ name }) => name),
    unknown: [...known.keys()].filter((name) => !ours.has(name) && !isOfCluster(name)).toSorted(),
    lost: applied
      .map(({ name }) => name)
      .filter((name) => makesStored(name) && !stored.has(storedAs(name)))
      .map(storedAs),
  }
}
