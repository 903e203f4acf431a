/** The demo beside the real ledger: its own database, its own collector and log, so that nothing made up mixes with yours. */
import { prepareDatabase } from '@outlay/clickhouse'
import { type Collector, type CollectorEvent, startCollector } from '@outlay/collector'
import { limits, systemClock } from '@outlay/core'
import type { CompiledBook } from '@outlay/pricing'
import type { BandsSetting } from '#src/bands-option.ts'
import { DEMO_DATABASE } from '#src/demo/demo-names.ts'
import { loadDemoFacts } from '#src/demo/demo-facts.ts'
import { type LiveAgents, startLiveAgents } from '#src/demo/live-agents.ts'
import { loadHistory } from '#src/demo/load-history.ts'
import type { OpenDatabase } from './open-database.ts'

export interface Demo {
  readonly close: () => Promise<void>
}

interface DemoSettings {
  readonly database: OpenDatabase
  readonly book: CompiledBook
  readonly bands: BandsSetting
  readonly dataDirectory: string
  readonly days: number
  readonly stop: AbortSignal
  readonly onEvent: (event: CollectorEvent) => void
  readonly onProgress: (sentDays: number, allDays: number) => void
}

/** Resolves when the history is in the ledger and the sample agents have run once; they go on until closed. */
export const runDemo = async (settings: DemoSettings): Promise<Demo> => {
  const { database, book, bands, dataDirectory, stop } = settings
  const client = database.client('default')
  await prepareDatabase({ client, target: { database: DEMO_DATABASE }, book, clock: systemClock, ...bands })
  const collector = await startCollector({
    client,
    database: DEMO_DATABASE,
    walDirectory: `${dataDirectory}/demo-wal`,
    book,
    http: { host: '127.0.0.1', port: 0 },
    // The sample senders send each trace in one request: nothing more of it is coming.
    quietPeriodMs: limits.quietPeriodOwnDialectMs,
    onEvent: settings.onEvent,
  })
  const ended = new AbortController()
  const close = async (agents: LiveAgents | undefined, running: Promise<void>): Promise<void> => {
    ended.abort()
    await running
    await agents?.close()
    await collector.close()
  }
  let agents: LiveAgents | undefined
  try {
    await fill(settings, collector, client)
    agents = await startLiveAgents(collector.url)
    await agents.runOnce()
    await collector.settled(stop)
  } catch (error) {
    await close(agents, Promise.resolve())
    throw error
  }
  const live = agents
  const running = live.keepRunning(AbortSignal.any([stop, ended.signal]))
  return { close: () => close(live, running) }
}

const fill = async (
  { dataDirectory, days, stop, onProgress }: DemoSettings,
  collector: Collector,
  client: Parameters<typeof loadDemoFacts>[0],
): Promise<number> =>
  loadHistory({
    endpoint: collector.url,
    markerPath: `${dataDirectory}/demo-history.json`,
    nowMs: systemClock.now(),
    days,
    signal: stop,
    onProgress,
    onStart: (startMs) => loadDemoFacts(client, DEMO_DATABASE, startMs),
    settled: () => collector.settled(stop),
  })
