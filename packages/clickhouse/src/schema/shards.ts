/** Shards of a cluster, by the macro that the paths of their tables are made of. */
import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'
import { readCluster } from './stored-form.ts'

export interface Shards {
  /** The shard of the server that we are connected to. */
  readonly own: string
  readonly all: readonly string[]
}

const shardsIn = async (client: ClickHouseClient, from: string): Promise<readonly string[]> => {
  const result = await client.query({
    query: `SELECT DISTINCT toString(substitution) AS shard FROM ${from} WHERE macro = 'shard' ORDER BY shard`,
    format: 'JSONEachRow',
  })
  return (await result.json<{ shard: string }>()).map(({ shard }) => shard)
}

/** Fails with `E_CLUSTER_FORM` where the server does not say its shard. */
export const readShards = async (client: ClickHouseClient, cluster: string): Promise<Shards> => {
  const [own] = await shardsIn(client, 'system.macros')
  if (own !== undefined) return { own, all: await shardsIn(client, `clusterAllReplicas('${cluster}', system.macros)`) }
  throw new OutlayError('E_CLUSTER_FORM', 'the server does not say which shard it is of', {
    where: 'system.macros',
    want: 'the macros `shard` and `replica`, which the paths of replicated tables are made of',
    fix: 'set <macros> in the configuration of every server',
  })
}

/** What a command that looks at one shard has to say where there are more; undefined where it saw the whole ledger. */
export const shardNote = async (client: ClickHouseClient, database: string): Promise<string | undefined> => {
  const cluster = await readCluster(client, database)
  if (cluster === undefined) return undefined
  const { own, all } = await readShards(client, cluster)
  const others = all.filter((shard) => shard !== own)
  if (others.length === 0) return undefined
  return `This was shard ${own} of the cluster ${cluster} alone. Run it with CLICKHOUSE_URL of a server of each other one, too: ${others.join(', ')}.`
}
