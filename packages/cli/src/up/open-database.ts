import { type ClickHouseClient, type ConnectionSettings, connect } from '@outlay/clickhouse'
import type { ConfigValues, EngineCounts } from '@outlay/collector'
import { startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'
import type { CommandContext } from '#src/command-context.ts'
import { createEngineCounter } from './engine-counter.ts'
import { connectOrExplain, EMBEDDED_URL, readerSettings } from '#src/connection.ts'

export interface OpenDatabase {
  /** SQL endpoint for people. */
  readonly url: string
  readonly embedded: boolean
  /** It did not answer when it was opened. */
  readonly isAway: boolean
  /** What the embedded engine did so far. */
  readonly engine?: () => EngineCounts
  /** A client that may change the schema and write. */
  client(database: string): ClickHouseClient
  /** A client that may only read. */
  reader(database: string): ClickHouseClient
  close(): Promise<void>
}

interface OpenSettings {
  readonly context: CommandContext
  readonly values: ConfigValues
  readonly dataDirectory: string
  readonly sqlPort: number
  /** A log is there from before: spans are taken into it also while the server is away. */
  readonly hasLog: boolean
  readonly log: (line: string) => void
}

/**
 * Undefined: the embedded engine. Its own address stands for it also where a file names it, unless `CLICKHOUSE_URL` says
 * that a server is there.
 */
const serverSettings = (context: CommandContext, values: ConfigValues): ConnectionSettings | undefined => {
  const { clickhouseEndpoint: endpoint, clickhouseUser, clickhousePassword } = values
  const fromEnvironment = context.environment['CLICKHOUSE_URL']
  if (fromEnvironment === undefined && (endpoint === undefined || endpoint === EMBEDDED_URL)) return undefined
  const reader = readerSettings(context, 'default')
  return {
    ...reader,
    url: endpoint ?? reader.url,
    username: clickhouseUser ?? context.environment['CLICKHOUSE_USER'] ?? 'default',
    password: clickhousePassword ?? reader.password,
  }
}

/**
 * The server of the configuration or of `CLICKHOUSE_URL`, or the embedded engine, started here. At a first start the server
 * has to answer: an address that is wrong should be told at once. Later its absence is an outage like any other.
 */
export const openDatabase = async (settings: OpenSettings): Promise<OpenDatabase> => {
  const { context, values, dataDirectory, sqlPort, hasLog, log } = settings
  const connection = serverSettings(context, values)
  if (connection !== undefined) {
    const isAway = await connectOrExplain(connection).then(
      (client) => client.close().then(() => false),
      (error: unknown) => {
        if (!hasLog) throw error
        log(`${error instanceof Error ? error.message : String(error)}. Until then spans are kept in the log.`)
        return true
      },
    )
    return { ...clientsOf(connection, connection, false, () => Promise.resolve()), isAway }
  }
  const engineCounter = createEngineCounter()
  const engine = await startEmbeddedClickHouse({
    dataDir: `${dataDirectory}/engine`,
    port: sqlPort,
    onEvent: (event) => {
      engineCounter.onEvent(event)
      if (event.type === 'exited' || event.type === 'restarting') log(`engine: ${event.type}`)
    },
  })
  const at = (credentials: { username: string; password: string }): ConnectionSettings => ({
    url: engine.url,
    username: credentials.username,
    password: credentials.password,
    database: 'default',
  })
  const clients = clientsOf(at(engine.credentials.migrator), at(engine.credentials.reader), true, () => engine.close())
  return { ...clients, isAway: false, engine: () => engineCounter.read() }
}

const clientsOf = (
  writing: ConnectionSettings,
  reading: ConnectionSettings,
  embedded: boolean,
  closeEngine: () => Promise<void>,
): Omit<OpenDatabase, 'isAway' | 'engine'> => {
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
