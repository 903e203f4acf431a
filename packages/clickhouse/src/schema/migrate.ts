/**
 * Brings a database to the current schema, in the form that it has. Forward only: applied migrations are frozen by checksum,
 * views are replaced when their text changed. Safe to run again after a crash at any point, and by several processes in turn.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'
import { catchUp } from './catch-up.ts'
import { allShardsRecord, allShardsTemplates } from './all-shards.ts'
import { readMigrations, readViews, type SqlFile } from './migrations.ts'
import { dropCounters, makesCounters, refillCounters } from './refill-counters.ts'
import { renderSql, type SchemaTarget } from './render-sql.ts'
import { sumShard } from './sum-shard.ts'
import { settleForm } from './stored-form.ts'

export interface MigrationResult {
  /** Names of what was applied now, in order. */
  readonly applied: readonly string[]
  /** Shards of a cluster whose counters are not summed yet: `migrate` does it on the shard that it is connected to. */
  readonly unsummedShards: readonly string[]
}

const ledgerOfMigrations = (target: SchemaTarget): string =>
  renderSql(
    `CREATE TABLE IF NOT EXISTS {{db}}.schema_migrations {{on_cluster}} (
      name String COMMENT 'Migration or view',
      checksum String COMMENT 'SHA-256 of its template',
      applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was applied'
    ) ENGINE = {{engine_everywhere:MergeTree}} ORDER BY (name, applied_at) SETTINGS {{table_settings}}
    COMMENT 'Applied migrations and views'`,
    target,
  )

const databaseOf = (target: SchemaTarget): string =>
  renderSql('CREATE DATABASE IF NOT EXISTS {{db}} {{on_cluster}}', target)

/** All of the schema, in order, as an empty server would be given it. To read, and to compare: only `migrate` also records it. */
export const schemaStatements = (target: SchemaTarget): readonly string[] => [
  databaseOf(target),
  ledgerOfMigrations(target),
  ...[
    ...readMigrations().map(({ template }) => template),
    ...allShardsTemplates(target),
    ...readViews().map(({ template }) => template),
  ].map((template) => renderSql(template, target)),
]

/**
 * Applies what is missing. Fails with `E_MIGRATION_CHANGED` when an applied migration file was edited, and with
 * `E_CLUSTER_FORM` when another form is asked for than the database has.
 */
export const migrate = async (client: ClickHouseClient, asked: SchemaTarget): Promise<MigrationResult> => {
  const target = await settleForm(client, asked)
  const { database, cluster } = target
  await client.command({ query: databaseOf(target) })
  await client.command({ query: ledgerOfMigrations(target) })
  await catchUp(client, database, ['schema_migrations'])
  const known = await appliedChecksums(client, database)
  const missing = missingMigrations(known)
  // Counters of another shape hold nothing that the ledger does not: they are dropped, made anew and summed again. Those
  // that are made for the first time are summed as well: an earlier attempt may have ended between the two.
  let isSummed = !missing.some(makesCounters)
  if (!isSummed) await dropCounters(client, target)
  const applied: AppliedFile[] = []
  const apply = async (file: SqlFile): Promise<void> => {
    await client.command({ query: renderSql(file.template, target) })
    applied.push(file)
  }
  try {
    for (const file of missing) await apply(file)
    // On a cluster each shard is summed by itself, and has a record of its own.
    if (!isSummed && cluster === undefined) await refillCounters(client, database)
    isSummed = true
    const whole = allShardsRecord(target)
    if (whole !== undefined && known.get(whole.name) !== whole.checksum) {
      for (const template of allShardsTemplates(target)) await client.command({ query: renderSql(template, target) })
      applied.push(whole)
    }
    for (const file of readViews()) {
      if (known.get(file.name) !== file.checksum) await apply(file)
    }
  } finally {
    // Counters that are not summed yet are dropped and made once more.
    await recordApplied(client, target, isSummed ? applied : applied.filter((file) => !makesCounters(file)))
  }
  const names = applied.map(({ name }) => name)
  if (cluster === undefined) return { applied: names, unsummedShards: [] }
  const { summed, unsummedShards } = await sumShard(client, { database, cluster }, known)
  await recordApplied(client, target, summed)
  return { applied: [...names, ...summed.map(({ name }) => name)], unsummedShards }
}

/** What is recorded of anything that was applied. */
export type AppliedFile = Pick<SqlFile, 'name' | 'checksum'>

/** What was not applied yet; of the counters all of them, if one of them is made anew. */
const missingMigrations = (known: ReadonlyMap<string, string>): SqlFile[] => {
  const files = readMigrations()
  const missing = files.filter((file) => !isApplied(file, known))
  const remakesCounters = missing.some(makesCounters)
  return files.filter((file) => missing.includes(file) || (remakesCounters && makesCounters(file)))
}

const isApplied = (file: SqlFile, known: ReadonlyMap<string, string>): boolean => {
  const checksum = known.get(file.name)
  if (checksum !== undefined) assertUnchanged(file, checksum)
  return checksum !== undefined
}

/** All at once: each statement may be repeated, so a crash before this applies some of them again and changes nothing. */
const recordApplied = async (
  client: ClickHouseClient,
  { database }: SchemaTarget,
  applied: readonly AppliedFile[],
): Promise<void> => {
  if (applied.length === 0) return
  await client.insert({
    table: `${database}.schema_migrations`,
    columns: ['name', 'checksum'],
    values: applied.map(({ name, checksum }) => ({ name, checksum })),
    format: 'JSONEachRow',
  })
}

const assertUnchanged = (file: SqlFile, checksum: string): void => {
  if (checksum === file.checksum) return
  throw new OutlayError('E_MIGRATION_CHANGED', `migration ${file.name} was applied with another text`, {
    got: file.checksum.slice(0, 12),
    want: checksum.slice(0, 12),
    fix: 'restore the file and put the change into a new migration',
  })
}

const appliedChecksums = async (client: ClickHouseClient, database: string): Promise<Map<string, string>> => {
  const result = await client.query({
    query: `SELECT name, argMax(checksum, applied_at) AS checksum FROM ${database}.schema_migrations GROUP BY name`,
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ name: string; checksum: string }>()
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}
