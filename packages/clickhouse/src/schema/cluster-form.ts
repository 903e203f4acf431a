/**
 * What one template becomes on a cluster (docs/decisions/0016). Two kinds of tables: those of a shard hold what its
 * collectors wrote, and have a Distributed table beside them that reads all shards; those of everywhere (price book, facts,
 * migrations) are one replicated table that every server of every shard has whole.
 */
import { limits } from '@outlay/core'

/** Beside each table of a shard: the rows of all shards. Only for reading: without a key it refuses inserts. */
const ALL_SHARDS = '_all'
export const allShardsName = (table: string): string => `${table}${ALL_SHARDS}`

/** Replicas are counted through all shards where all of them have the table; else within their shard. */
const KEEPER_PATHS = {
  shard: `'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'`,
  everywhere: `'/clickhouse/tables/everywhere/{database}/{table}', '{shard}_{replica}'`,
} as const

/** `engine` as templates name it: `MergeTree`, `ReplacingMergeTree(version)`. */
export const engineOf = (engine: string, cluster: string | undefined, holder: keyof typeof KEEPER_PATHS): string => {
  if (cluster === undefined) return engine
  const [family = '', rest = ''] = engine.split(/(?=\()/)
  const parameters = rest.slice(1, -1)
  return `Replicated${family}(${KEEPER_PATHS[holder]}${parameters === '' ? '' : `, ${parameters}`})`
}

export const tableSettings = (cluster: string | undefined): string => {
  const window = limits.deduplicationWindowInserts
  const deduplication =
    cluster === undefined
      ? `non_replicated_deduplication_window = ${window}`
      : `replicated_deduplication_window = ${window}, replicated_deduplication_window_seconds = ${limits.deduplicationWindowSeconds}`
  return `${deduplication}, fsync_after_insert = 1, fsync_part_directory = 1`
}

/**
 * Dictionaries are reloaded by whoever changes what they are made of. A server that was away then has to notice by itself:
 * it asks now and again whether its replica says something else. `version`: `figure FROM table`.
 */
export const dictionaryLifetime = (cluster: string | undefined): string =>
  cluster === undefined ? 'LIFETIME(0)' : 'LIFETIME(MIN 20 MAX 40)'
export const dictionaryVersion = (version: string, cluster: string | undefined): string =>
  cluster === undefined ? '' : ` INVALIDATE_QUERY 'SELECT ${version.replace(' FROM ', ' FROM {{db}}.')}'`

/**
 * Looking for comparisons that follow from others takes the engine longer than all the rest of the analysis of a view
 * (150 of 250 ms for `kpi_user_cost`, see ClickHouse pull request 108757), and finds nothing in ours. Where a view compares
 * rows of all shards with rows of all shards, those of the second are sent along: each shard has only its own.
 */
export const viewSettings = (cluster: string | undefined): string =>
  `optimize_and_compare_chain = 0${cluster === undefined ? '' : `, distributed_product_mode = 'global'`}`
