import { setTimeout as delay } from 'node:timers/promises'
import { resolve } from 'node:path'
import { CURRENT_BOOK, prepareDatabase } from '@outlay/clickhouse'
import { type CollectorEvent, startCollector } from '@outlay/collector'
import { OutlayError, systemClock } from '@outlay/core'
import { type CompiledBook, loadPackagedBook } from '@outlay/pricing'
import { SingleBar } from 'cli-progress'
import { type Command, InvalidArgumentError } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { DATA_DIRECTORY } from '#src/connection.ts'
import { DEMO_DATABASE } from '#src/demo/demo-company.ts'
import { HISTORY_DAYS } from '#src/demo/load-history.ts'
import { readKpiOverview } from '#src/screen/kpi-overview.ts'
import { renderOverview } from '#src/screen/render-overview.ts'
import { describeEvent } from '#src/up/describe-event.ts'
import { type OpenDatabase, openDatabase } from '#src/up/open-database.ts'
import { type Demo, runDemo } from '#src/up/run-demo.ts'

interface UpOptions {
  readonly dataDir: string
  readonly database: string
  readonly demo: boolean
  readonly demoDays: number
  readonly host: string
  readonly insecureAllowUnauthenticated: boolean
  readonly otlpPort: number
  readonly sqlPort: number
  readonly adminPort: number
}

const LOOPBACK = '127.0.0.1'
const LOOPBACK_ADDRESSES = new Set([LOOPBACK, '::1', 'localhost'])
const PORT_MAX = 65_535
const OVERVIEW_DAYS = 30
const SECONDS_PER_DAY = 86_400

const parseWhole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`want a whole number from ${least} to ${most}.`)
    }
    return value
  }
const parsePort = parseWhole(0, PORT_MAX)

export const addUpCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('up')
    .description('run the collector with its ledger: OTLP in, SQL out')
    .option('--data-dir <dir>', 'where the log and the embedded engine keep their files', DATA_DIRECTORY)
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--demo', `also run sample agents and load sample history into the database ${DEMO_DATABASE}`, false)
    .option('--demo-days <days>', 'days of sample history', parseWhole(1, 365), HISTORY_DAYS)
    .option('--host <address>', 'address that OTLP and metrics listen on', LOOPBACK)
    .option('--insecure-allow-unauthenticated', 'accept spans from other hosts without a token', false)
    .option('--otlp-port <port>', 'OTLP/HTTP, 0 = any', parsePort, 4318)
    .option('--sql-port <port>', 'ClickHouse HTTP of the embedded engine, 0 = any', parsePort, 8123)
    .option('--admin-port <port>', 'metrics and health, 0 = any', parsePort, 4319)
    .addHelpText('after', '\nExample:\n  outlay up --demo\n  CLICKHOUSE_URL=http://clickhouse:8123 outlay up')
    .action(async (options: UpOptions) => {
      await up(options, context)
      exit(EXIT.done)
    })
}

const up = async (options: UpOptions, context: CommandContext): Promise<void> => {
  const log = (line: string): void => void context.stderr.write(`${line}\n`)
  assertReachableSafely(options, log)
  const dataDirectory = resolve(context.cwd, options.dataDir)
  const failure = new AbortController()
  const onEvent = (event: CollectorEvent): void => {
    const line = describeEvent(event)
    if (line !== undefined) log(line)
    if (event.type === 'failed') failure.abort(event.error)
  }
  const stop = AbortSignal.any([context.stop, failure.signal])
  const closers: (() => Promise<void>)[] = []
  try {
    log('Starting the ledger…')
    const database = await openDatabase({ context, dataDirectory, sqlPort: options.sqlPort, log })
    closers.push(() => database.close())
    const book = loadPackagedBook()
    const client = database.client('default')
    await prepareDatabase({ client, target: { database: options.database }, book, clock: systemClock })
    const collector = await startCollector({
      client,
      database: options.database,
      walDirectory: `${dataDirectory}/wal`,
      book,
      http: { host: options.host, port: options.otlpPort },
      admin: { host: options.host, port: options.adminPort },
      onEvent,
    })
    closers.push(() => collector.close())
    if (options.demo)
      closers.push((await demo({ options, context, database, book, dataDirectory, stop, onEvent })).close)
    announce(context, { otlp: collector.url, admin: collector.adminUrl ?? '', sql: database.url, demo: options.demo })
    await stopped(stop)
    log('Stopping: requests in flight reach the log, then everything closes.')
  } catch (error) {
    // A signal while starting is not a failure.
    if (!context.stop.aborted) throw error
  } finally {
    for (const close of closers.toReversed()) await close()
  }
  if (failure.signal.aborted)
    throw new OutlayError('E_COLLECTOR_FAILED', 'the collector stopped', {
      cause: failure.signal.reason,
      fix: 'start it again: everything acked is in its log',
    })
}

/** Without tokens, whoever reaches the port can write to the ledger: leaving loopback must be said out loud. */
const assertReachableSafely = (
  { host, insecureAllowUnauthenticated }: UpOptions,
  log: (line: string) => void,
): void => {
  if (LOOPBACK_ADDRESSES.has(host)) return
  if (!insecureAllowUnauthenticated) {
    throw new OutlayError('E_UNAUTHENTICATED_HOST', 'listening beyond loopback without tokens is refused', {
      where: '--host',
      got: host,
      want: LOOPBACK,
      fix: 'keep it on loopback, or add --insecure-allow-unauthenticated inside a closed network',
    })
  }
  log(`Warning: ${host} accepts spans from anyone who can reach it; there are no tokens.`)
}

interface DemoRun {
  readonly options: UpOptions
  readonly context: CommandContext
  readonly database: OpenDatabase
  readonly book: CompiledBook
  readonly dataDirectory: string
  readonly stop: AbortSignal
  readonly onEvent: (event: CollectorEvent) => void
}

const demo = async ({ options, context, database, book, dataDirectory, stop, onEvent }: DemoRun): Promise<Demo> => {
  const bar = new SingleBar({
    format: 'Sample history  [{bar}] {percentage}%  day {value} of {total}',
    stream: context.stderr,
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
  })
  let started = false
  const running = await runDemo({
    database,
    book,
    dataDirectory,
    days: options.demoDays,
    stop,
    onEvent,
    onProgress: (sentDays, allDays) => {
      if (!started) bar.start(allDays, 0)
      started = true
      bar.update(sentDays)
    },
  }).finally(() => bar.stop())
  const to = Math.ceil(systemClock.now() / 1_000)
  const overview = await readKpiOverview(database.reader(DEMO_DATABASE), {
    database: DEMO_DATABASE,
    from: to - OVERVIEW_DAYS * SECONDS_PER_DAY,
    to,
    book: CURRENT_BOOK,
  })
  const color = context.stdout.isTTY === true && context.environment['NO_COLOR'] === undefined
  context.stdout.write(`\n${renderOverview(overview, { color })}\n`)
  return running
}

const announce = (context: CommandContext, urls: { otlp: string; admin: string; sql: string; demo: boolean }): void => {
  const sample = urls.demo ? DEMO_DATABASE : 'outlay'
  context.stdout.write(
    [
      'Outlay is running. Ctrl-C stops it.',
      `  send spans    ${urls.otlp}/v1/traces  (OTLP/HTTP; your calls land in the database outlay)`,
      `  SQL           ${urls.sql}  (ClickHouse HTTP, user reader, database ${sample})`,
      `  metrics       ${urls.admin}/metrics   health ${urls.admin}/healthz`,
      `  KPIs again    npm run --silent outlay -- kpi --database ${sample}`,
      '',
    ].join('\n'),
  )
}

/** Waits for the signal while keeping the process alive. */
const stopped = async (signal: AbortSignal): Promise<void> => {
  const hourMs = 3_600_000
  while (!signal.aborted) await delay(hourMs, undefined, { signal }).catch(() => undefined)
}
