/**
 * A stock OpenTelemetry Collector, for comparison on the same bytes: OTLP over HTTP → batch → nowhere, or → ClickHouse's
 * exporter and its one table of spans, into the same engine; that also with its queue on disk and every write synced,
 * which is the least that a collector must do to lose nothing that it acked.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../harness/free-port.ts'
import { readCpuMs } from '../ledger/engine-cpu.ts'
import type { Child } from './child.ts'
import type { BenchEngine } from './engine.ts'
import type { Prepared, SenderQuestion } from './messages.ts'
import type { Sample } from './sample.ts'
import { END_TO_END, requestsOf, type Sending, STANDARD } from './work.ts'

const IN_FLIGHT = 32
const POLL_MS = 200
const READY_MS_MAX = 30_000
const STORED_MS_MAX = 120_000
/** What the exporter's own page recommends; the batches of a queue are set by other names. */
const BATCHES = { send_batch_size: 100_000, timeout: '5s' }
const QUEUE_ON_DISK = {
  storage: 'file_storage',
  batch: { min_size: BATCHES.send_batch_size, flush_timeout: BATCHES.timeout, sizer: 'items' },
}
/** The ways that are compared, by what stands in the report. */
const PIPELINES = {
  nop: 'otlp → batch → nop',
  clickhouse: 'otlp → batch → clickhouse',
  durable: 'otlp → queue on disk → clickhouse',
} as const

export type StockPipeline = keyof typeof PIPELINES
export const stockName = (pipeline: StockPipeline): string => `stock Collector: ${PIPELINES[pipeline]}`

export interface StockCollector {
  readonly name: string
  measure(large: number): Promise<Sample>
  close(): Promise<void>
}

interface Settings {
  readonly binary: string
  readonly pipeline: StockPipeline
  readonly directory: string
  readonly engine: BenchEngine
  readonly sender: Child<SenderQuestion>
  readonly nextSalt: (requests: number) => number
}

const databaseOf = (pipeline: StockPipeline): string => `outlay_stock_${pipeline}`

const clickhouseExporter = ({ url, migrator }: BenchEngine, database: string, queue: object): object => ({
  endpoint: url,
  ...migrator,
  database,
  async_insert: false,
  // The endpoint of the embedded engine offers gzip, and this exporter's default is another one.
  compress: 'none',
  timeout: '60s',
  sending_queue: queue,
})

const configOf = ({ pipeline, directory, engine }: Settings, port: number): object => {
  const isDurable = pipeline === 'durable'
  const queue = `${directory}/queue`
  mkdirSync(queue, { recursive: true })
  const exporters =
    pipeline === 'nop'
      ? { nop: {} }
      : { clickhouse: clickhouseExporter(engine, databaseOf(pipeline), isDurable ? QUEUE_ON_DISK : {}) }
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: { batch: pipeline === 'nop' ? {} : BATCHES },
    exporters,
    ...(isDurable ? { extensions: { file_storage: { directory: queue, fsync: true } } } : {}),
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
      ...(isDurable ? { extensions: ['file_storage'] } : {}),
      // What waits in a batch is in memory: a queue on disk takes every request as it comes, and makes the batches.
      pipelines: {
        traces: { receivers: ['otlp'], processors: isDurable ? [] : ['batch'], exporters: Object.keys(exporters) },
      },
    },
  }
}

/** Resolves when it answers at all; rejects if it ends before. */
const untilReady = async (child: ChildProcess, url: string): Promise<void> => {
  const startedMs = performance.now()
  while (performance.now() - startedMs < READY_MS_MAX) {
    if (child.exitCode !== null) throw new Error(`the stock Collector ended with ${child.exitCode} before it listened`)
    const answered = await fetch(url).then(
      () => true,
      () => false,
    )
    if (answered) return
    await delay(POLL_MS)
  }
  throw new Error('the stock Collector does not listen')
}

export const startStockCollector = async (settings: Settings): Promise<StockCollector> => {
  const { binary, pipeline, directory, engine, sender, nextSalt } = settings
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const database = databaseOf(pipeline)
  const isStored = pipeline !== 'nop'
  mkdirSync(directory, { recursive: true })
  const configFile = `${directory}/config.yaml`
  // JSON is YAML.
  writeFileSync(configFile, JSON.stringify(configOf(settings, port)))
  if (isStored) await engine.client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` })
  const child = spawn(binary, ['--config', configFile], { stdio: ['ignore', 'ignore', 'inherit'] })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  await untilReady(child, url)
  const cpuMs = (): number => readCpuMs(child.pid ?? 0) ?? Number.NaN
  const sending: Sending = isStored ? END_TO_END : STANDARD
  let sentSpans = 0

  const untilStored = async (): Promise<void> => {
    const startedMs = performance.now()
    for (;;) {
      const [rows = 0] = await engine.numbers(`SELECT count() FROM ${database}.otel_traces`)
      if (rows === sentSpans) return
      if (rows > sentSpans || performance.now() - startedMs > STORED_MS_MAX) {
        throw new Error(`the stock Collector stored ${rows} of ${sentSpans} spans`)
      }
      await delay(POLL_MS)
    }
  }

  return {
    name: stockName(pipeline),
    measure: async (large) => {
      const requests = requestsOf(sending, large)
      const salt = nextSalt(requests)
      const prepared = (await sender.ask({ ask: 'prepare', url, sending, requests, salt })) as Prepared
      const { spans, bytes, wireBytes } = prepared
      const [cpuBefore, engineBefore, startedMs] = [cpuMs(), engine.cpuMs(), performance.now()]
      await sender.ask({ ask: 'send', inFlight: IN_FLIGHT })
      sentSpans += spans
      if (isStored) await untilStored()
      return {
        spans,
        bytes,
        wireBytes,
        wallMs: performance.now() - startedMs,
        cpuMs: cpuMs() - cpuBefore,
        ...(isStored ? { engineCpuMs: engine.cpuMs() - engineBefore } : {}),
      }
    },
    close: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      process.off('exit', kill)
    },
  }
}
