/** The database of a ledger: whether it answers, what it is, its schema, windows and clocks. */
import {
  connect,
  type ConnectionSettings,
  isServerSupported,
  type LedgerSource,
  readDeduplicationWindows,
  readSchemaState,
  readSenderSkew,
  readServerFacts,
  SERVER_VERSION_MIN,
  tablesWithoutFsync,
} from '@outlay/clickhouse'
import { type Clock, limits } from '@outlay/core'
import { checkCharges } from './check-charges.ts'
import { type Line, ok, problem, warning } from './diagnosis.ts'

const CLOCK_AHEAD_MS_FINE = 2_000

/** Nothing but the first line where no database answers. */
export const checkDatabase = async (
  settings: ConnectionSettings,
  database: string,
  clock: Clock,
): Promise<readonly Line[]> => {
  const client = connect(settings)
  try {
    const ping = await client.ping()
    if (!ping.success) return [unreachable(settings.url)]
    const source = { client, database }
    const facts = await readServerFacts(source, () => clock.now())
    const lines = [
      ok('database', 'connection', `answers at ${settings.url}`),
      versionLine(facts.version),
      clockLine(facts.clockAheadMs),
    ]
    if (!(await exists(source))) return [...lines, notPrepared(database)]
    return [...lines, ...(await checkLedger(source))]
  } catch (error) {
    return [
      problem(
        'database',
        'connection',
        `refuses questions: ${reasonOf(error)}`,
        'check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD',
      ),
    ]
  } finally {
    await client.close()
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)

const unreachable = (url: string): Line =>
  problem(
    'database',
    'connection',
    `no ClickHouse answers at ${url}`,
    'start one with `outlay up`, or set CLICKHOUSE_URL',
  )

const notPrepared = (database: string): Line =>
  problem(
    'database',
    'schema',
    `${database} has no Outlay schema`,
    'run `outlay migrate`, or name the database with --database',
  )

const exists = async ({ client, database }: LedgerSource): Promise<boolean> => {
  const result = await client.query({
    query: `SELECT count() AS tables FROM system.tables WHERE database = {database:String} AND name = 'schema_migrations'`,
    query_params: { database },
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ tables: string }>()
  return row?.tables === '1'
}

const versionLine = (version: string): Line =>
  isServerSupported(version)
    ? ok('versions', 'engine', version)
    : problem(
        'versions',
        'engine',
        `${version}; want ${SERVER_VERSION_MIN} or newer`,
        'upgrade the server: older ones know the settings of deduplication by other names',
      )

const clockLine = (aheadMs: number): Line => {
  const said = `${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine`
  const fix = 'set both clocks by NTP: times of receipt, "now" in views and time limits come from different machines'
  if (Math.abs(aheadMs) > limits.clockFutureMsMax) return problem('clocks', 'engine', said, fix)
  return Math.abs(aheadMs) > CLOCK_AHEAD_MS_FINE ? warning('clocks', 'engine', said, fix) : ok('clocks', 'engine', said)
}

const checkLedger = async (source: LedgerSource): Promise<readonly Line[]> => [
  ...(await schemaLines(source)),
  ...(await windowLines(source)),
  await fsyncLine(source),
  ...(await checkCharges(source)),
  ...(await senderLines(source)),
]

const schemaLines = async ({ client, database }: LedgerSource): Promise<readonly Line[]> => {
  const { missing, changed, outdatedViews, unknown, lost } = await readSchemaState(client, database)
  const migrate = 'run `outlay migrate` with the collectors stopped; `outlay up` does it when it starts'
  const lines = [
    ...(missing.length > 0 ? [problem('database', 'schema', `not applied: ${missing.join(', ')}`, migrate)] : []),
    ...(changed.length > 0
      ? [
          problem(
            'database',
            'schema',
            `applied with another text: ${changed.join(', ')}`,
            'use the version of outlay that migrated this database',
          ),
        ]
      : []),
    ...(lost.length > 0
      ? [problem('database', 'schema', `gone: ${lost.join(', ')}`, 'restore them from a backup; then `outlay rebuild`')]
      : []),
    ...(outdatedViews.length > 0
      ? [warning('database', 'views', `of another version: ${outdatedViews.join(', ')}`, 'run `outlay migrate`')]
      : []),
    ...(unknown.length > 0
      ? [
          warning(
            'database',
            'schema',
            `from a newer version: ${unknown.join(', ')}`,
            'use the version of outlay that migrated this database',
          ),
        ]
      : []),
  ]
  return lines.length > 0 ? lines : [ok('database', 'schema', `${database} is current`)]
}

const windowLines = async ({ client, database }: LedgerSource): Promise<readonly Line[]> => {
  const windows = await readDeduplicationWindows(client, database)
  const set = (table: string): string =>
    `ALTER TABLE ${database}.${table} MODIFY SETTING non_replicated_deduplication_window = ${limits.deduplicationWindowInserts}`
  const lines = windows.flatMap(({ table, inserts }): Line[] => {
    if (inserts === 0)
      return [problem('database', 'deduplication', `${table} has no window: a retry would count twice`, set(table))]
    if (inserts >= limits.deduplicationWindowInserts) return []
    return [warning('database', 'deduplication', `${table} remembers ${inserts} inserts`, set(table))]
  })
  return lines.length > 0 ? lines : [ok('database', 'deduplication', `${windows.length} tables have their windows`)]
}

const fsyncLine = async (source: LedgerSource): Promise<Line> => {
  const tables = await tablesWithoutFsync(source)
  if (tables.length === 0) return ok('database', 'durability', 'every insert is fsynced')
  return warning(
    'database',
    'durability',
    `inserts are not fsynced: ${tables.join(', ')}`,
    'set fsync_after_insert = 1: a power cut may take what was acked',
  )
}

const senderLines = async (source: LedgerSource): Promise<readonly Line[]> => {
  const skewed = await readSenderSkew(source)
  if (skewed.length === 0) return [ok('clocks', 'senders', 'no span of the last day starts in the future or long ago')]
  return skewed.map(({ service, spans, ahead, behind, aheadSecondsMax }) => {
    const parts = [
      ...(ahead > 0 ? [`${ahead} start up to ${aheadSecondsMax} s after they were received`] : []),
      ...(behind > 0 ? [`${behind} start more than ${limits.clockPastMsMax / 86_400_000} days before`] : []),
    ]
    const name = service === '' ? 'without a service name' : service
    return warning(
      'clocks',
      `sender ${name}`,
      `of ${spans} spans of the last day ${parts.join(', ')}`,
      'set its clock by NTP: such calls are booked at the time of receipt, flagged time_clamped',
    )
  })
}
