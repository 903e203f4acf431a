import type { RequestListener } from 'node:http'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CURRENT_BOOK, prepareDatabase } from '@outlay/clickhouse'
import {
  type CollectorEvent,
  collectorSettingsOf,
  type ConfigValues,
  readTokensFile,
  startCollector,
} from '@outlay/collector'
import { OutlayError, systemClock } from '@outlay/core'
import { createPanel } from '@outlay/panel'
import { type CompiledBook, loadPackagedBook } from '@outlay/pricing'
import { SingleBar } from 'cli-progress'
import { type BandsSetting, readBandsOption } from '#src/bands-option.ts'
import type { CommandContext } from '#src/command-context.ts'
import { DEMO_DATABASE } from '#src/demo/demo-names.ts'
import { readKpiOverview } from '#src/screen/kpi-overview.ts'
import { renderOverview } from '#src/screen/render-overview.ts'
import { warnOfContent } from './content-warning.ts'
import { followConfig } from './follow-config.ts'
import { describeEvent } from './describe-event.ts'
import { assertReachableSafely, isLoopback } from './listening.ts'
import { createOperatorLog, levelOf, type OperatorLog } from './operator-log.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'
import { readConfig } from './read-config.ts'
import { type Demo, runDemo } from './run-demo.ts'
import type { UpOptions } from './up-options.ts'

const OVERVIEW_DAYS = 30
const SECONDS_PER_DAY = 86_400

/** Runs until a signal or a failure; closes everything in reverse order of its start. */
export const runUp = async (options: UpOptions, context: CommandContext): Promise<void> => {
  const config = await readConfig(context, options)
  const { values } = config
  const log = createOperatorLog({
    level: values.logLevel,
    encoding: values.logEncoding,
    clock: systemClock,
    write: (text) => void context.stderr.write(text),
  })
  assertReachableSafely(values, log)
  warnOfContent(values, log)
  const dataDirectory = resolve(context.cwd, options.dataDir)
  const bands = await readBandsOption(context, options.bands)
  const settings = collectorSettingsOf(values, { cwd: context.cwd, walDirectory: `${dataDirectory}/wal` })
  // A wrong file is told before the engine takes its time to start.
  if (settings.tokens !== undefined) await readTokensFile(settings.tokens.file)
  const failure = new AbortController()
  const onEvent = (event: CollectorEvent): void => {
    const line = describeEvent(event)
    if (line !== undefined) log(line, levelOf(event))
    if (event.type === 'failed') failure.abort(event.error)
  }
  const stop = AbortSignal.any([context.stop, failure.signal])
  const closers: (() => Promise<void>)[] = []
  try {
    log('Starting the ledger…')
    const hasLog = existsSync(`${settings.walDirectory}/META`)
    const database = await openDatabase({ context, values, dataDirectory, sqlPort: options.sqlPort, hasLog, log })
    closers.push(() => database.close())
    const book = loadPackagedBook()
    const client = database.client('default')
    const prepare = (): Promise<unknown> =>
      prepareDatabase({ client, target: { database: values.database }, book, clock: systemClock, ...bands })
    if (!database.isAway) await prepare()
    const collector = await startCollector({
      client,
      ...settings,
      ...(database.isAway ? { prepare } : {}),
      ...(database.engine === undefined ? {} : { engine: database.engine }),
      book,
      admin: { ...values.adminEndpoint, others: panelOf({ values, demo: options.demo, database, log }) },
      onEvent,
    })
    // Whoever pressed Ctrl-C sits in front of it.
    closers.push(() => collector.close({ drainDelayMs: context.stop.reason === 'SIGTERM' ? values.drainDelay : 0 }))
    const followed = followConfig({ context, options, collector, log, running: config })
    closers.push(() => Promise.resolve(followed.close()))
    context.onHangup?.(() => void followed.reload())
    if (options.demo)
      closers.push((await demo({ options, context, database, book, bands, dataDirectory, stop, onEvent })).close)
    announce(
      context,
      { database: values.database, demo: options.demo },
      {
        otlp: collector.url,
        grpc: collector.grpcUrl ?? '',
        admin: collector.adminUrl ?? '',
        sql: database.url,
      },
    )
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

interface Panel {
  readonly values: ConfigValues
  readonly demo: boolean
  readonly database: OpenDatabase
  readonly log: OperatorLog
}

/** The panel reads what this process serves, and nothing else of the database. */
const panelOf = ({ values, demo, database, log }: Panel): RequestListener =>
  createPanel({
    client: database.reader('default'),
    databases: [...new Set([values.database, ...(demo ? [DEMO_DATABASE] : [])])],
    loopbackOnly: isLoopback(values.adminEndpoint.host),
    onInternalError: (error) =>
      log(
        `panel: a request failed by a mistake of ours (${error instanceof Error ? error.message : String(error)})`,
        'error',
      ),
  })

interface DemoRun {
  readonly options: UpOptions
  readonly context: CommandContext
  readonly database: OpenDatabase
  readonly book: CompiledBook
  readonly bands: BandsSetting
  readonly dataDirectory: string
  readonly stop: AbortSignal
  readonly onEvent: (event: CollectorEvent) => void
}

const demo = async ({
  options,
  context,
  database,
  book,
  bands,
  dataDirectory,
  stop,
  onEvent,
}: DemoRun): Promise<Demo> => {
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
    bands,
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

const announce = (
  context: CommandContext,
  { database, demo }: { readonly database: string; readonly demo: boolean },
  urls: { readonly otlp: string; readonly grpc: string; readonly admin: string; readonly sql: string },
): void => {
  const sample = demo ? DEMO_DATABASE : database
  context.stdout.write(
    [
      'Outlay is running. Ctrl-C stops it.',
      `  send spans    ${urls.otlp}/v1/traces  (OTLP/HTTP; your calls land in the database ${database})`,
      `                ${urls.grpc}  (the same over OTLP/gRPC)`,
      `  panel         ${urls.admin}/${sample === database ? '' : `?database=${sample}`}  (the eight KPIs in a browser)`,
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
