/** Which form a database is in: tables of one server, or replicated ones with Distributed tables that read all shards. */
import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'
import { allShardsName } from './cluster-form.ts'
import type { SchemaTarget } from './render-sql.ts'

interface StoredForm {
  readonly isThere: boolean
  readonly isReplicated: boolean
  /** As the Distributed tables name it; absent until they are made. */
  readonly cluster?: string
}

const ALL_CALLS = allShardsName('calls')

const readStoredForm = async (client: ClickHouseClient, database: string): Promise<StoredForm> => {
  const result = await client.query({
    query: `SELECT name, engine, extract(engine_full, '^Distributed\\\\(\\'([^\\']+)\\'') AS cluster FROM system.tables
      WHERE database = {database:String} AND name IN ('schema_migrations', 'calls', {allCalls:String})`,
    query_params: { database, allCalls: ALL_CALLS },
    format: 'JSONEachRow',
  })
  const tables = await result.json<{ name: string; engine: string; cluster: string }>()
  const cluster = tables.find(({ name }) => name === ALL_CALLS)?.cluster ?? ''
  const isReplicated = tables.some(({ engine }) => engine.startsWith('Replicated'))
  return { isThere: tables.length > 0, isReplicated, ...(cluster === '' ? {} : { cluster }) }
}

/** The cluster that the database is spread over; undefined on one server. */
export const readCluster = async (client: ClickHouseClient, database: string): Promise<string | undefined> =>
  (await readStoredForm(client, database)).cluster

/**
 * The form to migrate in: that which the database has, else that which is asked for. Nothing turns one into the other, so
 * `E_CLUSTER_FORM` where they contradict each other.
 */
export const settleForm = async (client: ClickHouseClient, asked: SchemaTarget): Promise<SchemaTarget> => {
  const { database } = asked
  const stored = await readStoredForm(client, database)
  if (!stored.isThere) return asked
  if (!stored.isReplicated && stored.cluster === undefined) return asServer(asked)
  const cluster = stored.cluster ?? asked.cluster
  if (cluster === undefined) {
    throw new OutlayError(
      'E_CLUSTER_FORM',
      `the tables of ${database} are replicated, and nothing says over which cluster`,
      {
        fix: 'name it: `outlay migrate --cluster NAME`',
      },
    )
  }
  if (cluster !== (asked.cluster ?? cluster)) throw notMadeFor(asked, `the form of the cluster ${cluster}`)
  return { database, cluster }
}

const asServer = (asked: SchemaTarget): SchemaTarget => {
  if (asked.cluster !== undefined) throw notMadeFor(asked, 'the form of one server')
  return asked
}

const notMadeFor = ({ database, cluster = '' }: SchemaTarget, got: string): OutlayError =>
  new OutlayError('E_CLUSTER_FORM', `${database} was not made for the cluster ${cluster}`, {
    got,
    want: `the form of the cluster ${cluster}`,
    fix: 'leave --cluster out, or take another database: a ledger stays in the form that it was made in',
  })

/** Where readers that need the whole of a table find it: the table itself, or on a cluster that of all shards. */
export const readWhole = async (client: ClickHouseClient, database: string): Promise<(table: string) => string> => {
  const cluster = await readCluster(client, database)
  return (table) => `${database}.${cluster === undefined ? table : allShardsName(table)}`
}
