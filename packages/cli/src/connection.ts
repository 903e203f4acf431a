import { type ClickHouseClient, type ConnectionSettings, connect } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import { readPublishedEngine } from '@outlay/embedded-clickhouse'
import type { CommandContext } from './command-context.ts'

export const EMBEDDED_URL = 'http://127.0.0.1:8123'
export const DATA_DIRECTORY = 'data'
/** Questions wait here, and not in the queue of the embedded engine, which refuses those that wait long. */
const CONNECTIONS_MAX = 2

/** Reading access: `CLICKHOUSE_URL` with `CLICKHOUSE_USER` and `CLICKHOUSE_PASSWORD`, or the embedded engine. */
export const readerSettings = ({ environment }: CommandContext, database: string): ConnectionSettings => ({
  url: environment['CLICKHOUSE_URL'] ?? EMBEDDED_URL,
  username: environment['CLICKHOUSE_USER'] ?? (environment['CLICKHOUSE_URL'] === undefined ? 'reader' : 'default'),
  password: environment['CLICKHOUSE_PASSWORD'] ?? '',
  database,
  connectionsMax: CONNECTIONS_MAX,
})

/** Access that may change the schema. The embedded engine keeps its passwords in a private file of the data directory. */
export const migratorSettings = async (
  context: CommandContext,
  database: string,
  dataDirectory: string,
): Promise<ConnectionSettings> => {
  const reader = readerSettings(context, database)
  if (context.environment['CLICKHOUSE_URL'] !== undefined) return reader
  const engine = await readPublishedEngine(`${dataDirectory}/engine`)
  if (engine) return { ...reader, ...engine.credentials.migrator, url: engine.url }
  throw new OutlayError('E_UNREACHABLE', 'no embedded engine runs in this data directory', {
    where: dataDirectory,
    fix: 'start it with `outlay up`, name its directory with --data-dir, or set CLICKHOUSE_URL',
  })
}

/** A client that answers, or `E_UNREACHABLE`. */
export const connectOrExplain = async (settings: ConnectionSettings): Promise<ClickHouseClient> => {
  const client = connect(settings)
  const ping = await client.ping()
  if (ping.success) return client
  await client.close()
  throw new OutlayError('E_UNREACHABLE', `no ClickHouse answers at ${settings.url}`, {
    fix: 'start the embedded one with `outlay up` (or `npm start`), or set CLICKHOUSE_URL',
    cause: ping.error,
  })
}

/** Refuses a database that `outlay` did not prepare. */
export const assertPrepared = async (client: ClickHouseClient, database: string): Promise<void> => {
  const result = await client.query({
    query: 'SELECT count() AS views FROM system.tables WHERE database = {database:String} AND name = {view:String}',
    query_params: { database, view: 'kpi_overview' },
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ views: string }>()
  if (Number(row?.views ?? 0) > 0) return
  throw new OutlayError('E_UNREACHABLE', `the database ${database} has no Outlay schema`, {
    fix: 'run `outlay migrate`, or name another one with --database (the demo is outlay_demo)',
  })
}
