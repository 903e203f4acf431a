import { type ClickHouseClient, type ConnectionSettings, connect } from '@outlay/clickhouse'
import { startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'
import type { CommandContext } from '#src/command-context.ts'
import { connectOrExplain, readerSettings } from '#src/connection.ts'

export interface OpenDatabase {
  /** SQL endpoint for people. */
  readonly url: string
  readonly embedded: boolean
  /** A client that may change the schema and write. */
  client(database: string): ClickHouseClient
  /** A client that may only read. */
  reader(database: string): ClickHouseClient
  close(): Promise<void>
}

interface OpenSettings {
  readonly context: CommandContext
  readonly dataDirectory: string
  readonly sqlPort: number
  readonly log: (line: string) => void
}

/** The server named by `CLICKHOUSE_URL`, or the embedded engine, started here. */
export const openDatabase = async (settings: OpenSettings): Promise<OpenDatabase> => {
  const { context, dataDirectory, sqlPort, log } = settings
  if (context.environment['CLICKHOUSE_URL'] !== undefined) {
    const connection = readerSettings(context, 'default')
    await (await connectOrExplain(connection)).close()
    return clientsOf(connection, connection, false, () => Promise.resolve())
  }
  const engine = await startEmbeddedClickHouse({
    dataDir: `${dataDirectory}/engine`,
    port: sqlPort,
    onEvent: (event) => {
      if (event.type !== 'ready' && event.type !== 'query-refused') log(`engine: ${event.type}`)
    },
  })
  const at = (credentials: { username: string; password: string }): ConnectionSettings => ({
    url: engine.url,
    username: credentials.username,
    password: credentials.password,
    database: 'default',
  })
  return clientsOf(at(engine.credentials.migrator), at(engine.credentials.reader), true, () => engine.close())
}

const clientsOf = (
  writing: ConnectionSettings,
  reading: ConnectionSettings,
  embedded: boolean,
  closeEngine: () => Promise<void>,
): OpenDatabase => {
  const clients: ClickHouseClient[] = []
  const open = (settings: ConnectionSettings): ClickHouseClient => {
    const client = connect(settings)
    clients.push(client)
    return client
  }
  return {
    url: writing.url,
    embedded,
    client: (database) => open({ ...writing, database }),
    reader: (database) => open({ ...reading, database }),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await closeEngine()
    },
  }
}
