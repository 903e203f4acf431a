/**
 * The tables of a cluster that read all shards, beside those that each shard writes. They hold nothing: whenever a column
 * may have come, all of them are made again.
 */
import { createHash } from 'node:crypto'
import { allShardsName } from './cluster-form.ts'
import { readMigrations, type SqlFile, shardTables } from './migrations.ts'
import type { SchemaTarget } from './render-sql.ts'

/** Records of what only a cluster has, among the migrations: no file has such a name. */
const OF_CLUSTER = '@'
export const isOfCluster = (name: string): boolean => name.startsWith(OF_CLUSTER)
export const clusterRecord = (what: string): string => `${OF_CLUSTER}${what}`

/** None on one server. */
export const allShardsTemplates = ({ cluster }: SchemaTarget): readonly string[] =>
  cluster === undefined
    ? []
    : shardTables().map(
        (table) =>
          `CREATE OR REPLACE TABLE {{db}}.${allShardsName(table)} {{on_cluster}} AS {{db}}.${table} ENGINE = Distributed('${cluster}', '{{db}}', '${table}') COMMENT '${table} of all shards, for reading'`,
      )

/** Changes with every migration: one that alters a table of a shard changes what reads it. */
export const allShardsRecord = (target: SchemaTarget): Pick<SqlFile, 'name' | 'checksum'> | undefined => {
  const templates = allShardsTemplates(target)
  if (templates.length === 0) return undefined
  const digest = createHash('sha256')
  for (const text of [...templates, ...readMigrations().map(({ checksum }) => checksum)]) digest.update(text)
  return { name: clusterRecord('all-shards'), checksum: digest.digest('hex') }
}
