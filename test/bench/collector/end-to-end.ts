/** The whole way: acked → visible in `calls` and all targets of an embedded engine, but for a short quiet period with the product's own pauses. */
import { prepareDatabase } from '@outlay/clickhouse'
import type { CollectorSettings } from '@outlay/collector'
import { systemClock } from '@outlay/core'
import { loadPackagedBook } from '@outlay/pricing'
import { setTimeout as delay } from 'node:timers/promises'
import { startCollectorChild } from '../../harness/collector-child.ts'
import { readLedgerSums, tablesThatDiffer } from '../../harness/ledger-sums.ts'
import { readCpuMs } from '../ledger/engine-cpu.ts'
import type { Child } from './child.ts'
import type { BenchEngine } from './engine.ts'
import type { Prepared, SenderQuestion } from './messages.ts'
import type { Sample } from './sample.ts'
import { END_TO_END } from './work.ts'

const DATABASE = 'outlay'
const IN_FLIGHT = 32
const POLL_MS = 200
/** Traces come whole; units close as they do in production. */
const SETTLING = { quietPeriodMs: 500, quietPeriodOwnDialectMs: 500 }
/** Longer is not slow but wrong. */
const VISIBLE_MS_MAX = 120_000
/** Under full load: requests of one portion, and how many portions may wait for the ledger while the next is made ready. */
const LOAD_REQUESTS = 100
const LOAD_AHEAD = 3
const SAY_EVERY_MS = 30_000
const MS_PER_SECOND = 1_000

export interface EndToEnd {
  readonly pid: number
  /** Rejects if what was acked is not stored, each once, with the sums that were sent. */
  measure(requests: number): Promise<Sample>
  /**
   * Sends for so long, always as much ahead of the ledger as keeps the collector at work; resolves with the spans when all
   * are in the ledger. Rejects as `measure` does.
   */
  load(milliseconds: number, say: (line: string) => void): Promise<number>
  close(): Promise<void>
}

interface Settings {
  readonly sender: Child<SenderQuestion>
  readonly engine: BenchEngine
  readonly directory: string
  readonly execArgv: readonly string[]
  readonly nextSalt: (requests: number) => number
  /** In place of what a collector's log keeps by default. */
  readonly wal?: CollectorSettings['wal']
}

export const startEndToEnd = async (settings: Settings): Promise<EndToEnd> => {
  const { sender, engine, directory, execArgv, nextSalt, wal } = settings
  const { client } = engine
  await prepareDatabase({ client, target: { database: DATABASE }, book: loadPackagedBook(), clock: systemClock })
  const collector = await startCollectorChild({
    database: DATABASE,
    walDirectory: `${directory}/wal`,
    databaseUrl: engine.url,
    credentials: engine.migrator,
    settling: wal === undefined ? SETTLING : { ...SETTLING, wal },
    execArgv,
  })
  let sentSpans = 0
  const sums: { charges: number; meters: Record<string, number> } = { charges: 0, meters: {} }

  /** In the ledger and in all eight counters, with the sums that were sent. */
  const untilVisible = async (): Promise<void> => {
    const startedMs = performance.now()
    for (;;) {
      const [calls = 0] = await engine.numbers(`SELECT sum(sign) FROM ${DATABASE}.calls`)
      const differ = calls === sums.charges ? tablesThatDiffer(await readLedgerSums(client, DATABASE), sums) : ['calls']
      if (differ.length === 0) return
      if (performance.now() - startedMs > VISIBLE_MS_MAX) {
        throw new Error(
          `${calls} of ${sums.charges} calls are visible, and other sums than were sent in ${differ.join(', ')}`,
        )
      }
      await delay(POLL_MS)
    }
  }

  const assertEvidence = async (): Promise<void> => {
    const [rows = 0, spans = 0] = await engine.numbers(
      `SELECT count(), uniqExact(trace_id, span_id) FROM ${DATABASE}.spans`,
    )
    if (rows === sentSpans && spans === sentSpans) return
    throw new Error(`acked ${sentSpans} spans; the table holds ${rows} rows of ${spans} spans`)
  }

  const prepare = async (requests: number): Promise<Prepared> => {
    const salt = nextSalt(requests)
    return (await sender.ask({
      ask: 'prepare',
      url: collector.url,
      sending: END_TO_END,
      requests,
      salt,
    })) as Prepared
  }
  const sendPrepared = async ({ spans, sums: made }: Prepared): Promise<void> => {
    await sender.ask({ ask: 'send', inFlight: IN_FLIGHT })
    sentSpans += spans
    sums.charges += made.calls
    for (const [meter, sum] of Object.entries(made.meters)) sums.meters[meter] = (sums.meters[meter] ?? 0) + sum
  }
  /** Until no more calls than that are not in the ledger. */
  const untilWaiting = async (callsMax: number): Promise<void> => {
    const startedMs = performance.now()
    for (;;) {
      const [calls = 0] = await engine.numbers(`SELECT sum(sign) FROM ${DATABASE}.calls`)
      if (sums.charges - calls <= callsMax) return
      if (performance.now() - startedMs > VISIBLE_MS_MAX) throw new Error(`${sums.charges - calls} calls stay away`)
      await delay(POLL_MS)
    }
  }

  return {
    pid: collector.pid,
    load: async (milliseconds, say) => {
      const startedMs = performance.now()
      let saidMs = startedMs
      while (performance.now() - startedMs < milliseconds) {
        const prepared = await prepare(LOAD_REQUESTS)
        await sendPrepared(prepared)
        await untilWaiting(LOAD_AHEAD * prepared.sums.calls)
        if (performance.now() - saidMs < SAY_EVERY_MS) continue
        saidMs = performance.now()
        say(`${((saidMs - startedMs) / MS_PER_SECOND).toFixed(0)} s: ${sentSpans} spans sent`)
      }
      await untilVisible()
      await assertEvidence()
      return sentSpans
    },
    measure: async (requests) => {
      const prepared = await prepare(requests)
      const [cpuMs = Number.NaN, engineMs] = [readCpuMs(collector.pid), engine.cpuMs()]
      const startedMs = performance.now()
      await sendPrepared(prepared)
      await untilVisible()
      const { spans, bytes, wireBytes } = prepared
      const sample = {
        spans,
        bytes,
        wireBytes,
        wallMs: performance.now() - startedMs,
        cpuMs: (readCpuMs(collector.pid) ?? Number.NaN) - cpuMs,
        engineCpuMs: engine.cpuMs() - engineMs,
      }
      await assertEvidence()
      return sample
    },
    close: async () => {
      await collector.stop()
    },
  }
}
