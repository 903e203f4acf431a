/**
 * Counters of another shape are dropped on the whole cluster at once, but each shard has its own part of the ledger: it is
 * summed by whoever migrates while connected to that shard, and has a record of its own, so that none is forgotten. As on one
 * server, no collector of the shard may run meanwhile.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { createHash } from 'node:crypto'
import { clusterRecord } from './all-shards.ts'
import { catchUp } from './catch-up.ts'
import { allShardsName } from './cluster-form.ts'
import { readCounterFeeds } from './counter-feeds.ts'
import { readMigrations, type SqlFile } from './migrations.ts'
import { isEmpty, makesCounters, refillCounters } from './refill-counters.ts'
import { readShards } from './shards.ts'

type ShardRecord = Pick<SqlFile, 'name' | 'checksum'>

export interface SummedShard {
  /** What is to be recorded now. */
  readonly summed: readonly ShardRecord[]
  /** By their macro `shard`. */
  readonly unsummedShards: readonly string[]
}

interface ClusterOf {
  readonly database: string
  readonly cluster: string
}

/** The shape of the counters that were summed. */
const shapeOfCounters = (): string => {
  const digest = createHash('sha256')
  for (const file of readMigrations()) if (makesCounters(file)) digest.update(file.checksum)
  return digest.digest('hex')
}

/** Sums the shard that we are connected to, where that was not done since its counters were made. */
export const sumShard = async (
  client: ClickHouseClient,
  { database, cluster }: ClusterOf,
  known: ReadonlyMap<string, string>,
): Promise<SummedShard> => {
  const shape = shapeOfCounters()
  const recordOf = (shard: string): ShardRecord => ({ name: clusterRecord(`summed ${shard}`), checksum: shape })
  const isSummed = (shard: string): boolean => known.get(recordOf(shard).name) === shape
  const { own, all } = await readShards(client, cluster)
  const missing = all.filter((shard) => !isSummed(shard))
  if (missing.length === 0) return { summed: [], unsummedShards: [] }
  // A new ledger: nothing to sum on any shard, and no collector has to wait for another one.
  if (
    (await isEmpty(client, `${database}.${allShardsName('calls')}`)) &&
    (await isEmpty(client, `${database}.${allShardsName('spans')}`))
  ) {
    return { summed: missing.map(recordOf), unsummedShards: [] }
  }
  if (isSummed(own)) return { summed: [], unsummedShards: missing }
  await catchUp(client, database)
  // What an attempt that died has left.
  const feeds = await readCounterFeeds(client, database)
  for (const { target, cutBy } of feeds) {
    if (cutBy !== undefined) await client.command({ query: `TRUNCATE TABLE ${database}.${target}` })
  }
  await refillCounters(client, database)
  return { summed: [recordOf(own)], unsummedShards: missing.filter((shard) => shard !== own) }
}
