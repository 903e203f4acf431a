/**
 * Lets dictionaries follow the table that they are made of. On a cluster every server has its own: each is told through the
 * queue of the cluster, which it works off in order, so that a server that was away fetches the rows first as well.
 */
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { readCluster } from '#src/schema/stored-form.ts'

export interface Reload {
  readonly table: string
  readonly dictionaries: readonly string[]
}

/** Told and not waited for: what is told next comes after it on each server. */
const TOLD: ClickHouseSettings = { distributed_ddl_task_timeout: '0' }
/** Servers that are away do as they are told when they are back; those that fail are an error. */
const AWAITED: ClickHouseSettings = {
  distributed_ddl_task_timeout: '10',
  distributed_ddl_output_mode: 'null_status_on_timeout',
}

/** Returns when every server that is there has reloaded; with `isTold` before that, so that more can be told. */
export const reloadDictionaries = async (
  client: ClickHouseClient,
  database: string,
  { table, dictionaries, isTold = false }: Reload & { readonly isTold?: boolean },
): Promise<void> => {
  const cluster = await readCluster(client, database)
  if (cluster === undefined) {
    for (const name of dictionaries) {
      await client.command({ query: `SYSTEM RELOAD DICTIONARY ${database}.${name}` })
    }
    return
  }
  const everywhere = `ON CLUSTER '${cluster}'`
  await client.command({
    query: `SYSTEM SYNC REPLICA ${everywhere} ${database}.${table}`,
    clickhouse_settings: TOLD,
  })
  for (const [index, name] of dictionaries.entries()) {
    const isLast = index === dictionaries.length - 1
    await client.command({
      query: `SYSTEM RELOAD DICTIONARY ${everywhere} ${database}.${name}`,
      clickhouse_settings: isLast && !isTold ? AWAITED : TOLD,
    })
  }
}
