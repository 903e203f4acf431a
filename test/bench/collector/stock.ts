/**
 * A stock OpenTelemetry Collector, for comparison on the same bytes: OTLP over HTTP → batch → nowhere, or → ClickHouse's
 * exporter and its one table of spans, into the same engine; that also with its queue on disk and every write synced,
 * which is the least that a collector must do to lose nothing that it acked.
 */
import { mkdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { launchStockCollector, type StockPipeline } from '../../clients-go/collector-process.ts'
import { readCpuMs } from '../ledger/engine-cpu.ts'
import type { Child } from './child.ts'
import type { BenchEngine } from './engine.ts'
import type { Prepared, SenderQuestion } from './messages.ts'
import type { Sample } from './sample.ts'
import { END_TO_END, requestsOf, STANDARD } from './work.ts'

const IN_FLIGHT = 32
const POLL_MS = 200
const STORED_MS_MAX = 120_000
/** What the exporter's own page recommends; the batches of a queue are set by other names. */
const BATCH_SPANS = 100_000
const BATCH_WAIT = '5s'
/** The ways that are compared, by what stands in the report. */
const WAYS = {
  nop: 'otlp → batch → nop',
  clickhouse: 'otlp → batch → clickhouse',
  durable: 'otlp → queue on disk → clickhouse',
} as const

export type StockWay = keyof typeof WAYS
export const stockName = (way: StockWay): string => `stock Collector: ${WAYS[way]}`

export interface Stock {
  readonly name: string
  measure(large: number): Promise<Sample>
  close(): Promise<void>
}

interface Settings {
  readonly binary: string
  readonly way: StockWay
  readonly directory: string
  readonly engine: BenchEngine
  readonly sender: Child<SenderQuestion>
  readonly nextSalt: (requests: number) => number
}

const databaseOf = (way: StockWay): string => `outlay_stock_${way}`

const clickhouseExporter = ({ engine, way }: Settings, queue: object): Record<string, object> => ({
  clickhouse: {
    endpoint: engine.url,
    ...engine.migrator,
    database: databaseOf(way),
    async_insert: false,
    // The endpoint of the embedded engine offers gzip, and this exporter's default is another one.
    compress: 'none',
    timeout: '60s',
    sending_queue: queue,
  },
})

const pipelineOf = (settings: Settings): StockPipeline => {
  const batch = { send_batch_size: BATCH_SPANS, timeout: BATCH_WAIT }
  switch (settings.way) {
    case 'nop':
      return { processors: { batch: {} }, exporters: { nop: {} } }
    case 'clickhouse':
      return { processors: { batch }, exporters: clickhouseExporter(settings, {}) }
    case 'durable': {
      const directory = `${settings.directory}/queue`
      mkdirSync(directory, { recursive: true })
      return {
        // What waits in a batch is in memory: this queue takes every request as it comes, and makes the batches.
        processors: {},
        exporters: clickhouseExporter(settings, {
          storage: 'file_storage',
          batch: { min_size: BATCH_SPANS, flush_timeout: BATCH_WAIT, sizer: 'items' },
        }),
        extensions: { file_storage: { directory, fsync: true } },
      }
    }
  }
}

export const startStock = async (settings: Settings): Promise<Stock> => {
  const { binary, way, directory, engine, sender, nextSalt } = settings
  const isStored = way !== 'nop'
  const table = `${databaseOf(way)}.otel_traces`
  if (isStored) await engine.client.command({ query: `CREATE DATABASE IF NOT EXISTS ${databaseOf(way)}` })
  const collector = await launchStockCollector({ binary, directory, pipeline: pipelineOf(settings) })
  const cpuMs = (): number => readCpuMs(collector.pid) ?? Number.NaN
  const sending = isStored ? END_TO_END : STANDARD
  let sentSpans = 0

  const untilStored = async (): Promise<void> => {
    const startedMs = performance.now()
    for (;;) {
      const [rows = 0] = await engine.numbers(`SELECT count() FROM ${table}`)
      if (rows === sentSpans) return
      if (rows > sentSpans || performance.now() - startedMs > STORED_MS_MAX) {
        const said = collector.lines.flatMap(({ error }) => error ?? []).at(-1) ?? 'nothing'
        throw new Error(
          `the stock Collector stored ${rows} of ${sentSpans} spans; the last error that it told: ${said}`,
        )
      }
      await delay(POLL_MS)
    }
  }

  return {
    name: stockName(way),
    measure: async (large) => {
      const requests = requestsOf(sending, large)
      const salt = nextSalt(requests)
      const prepared = (await sender.ask({
        ask: 'prepare',
        url: collector.urls.http,
        sending,
        requests,
        salt,
      })) as Prepared
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
    close: () => collector.end('SIGTERM'),
  }
}
