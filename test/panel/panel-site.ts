/** The panel as `outlay up --demo` serves it: on the listener of a real collector, over days of the sample history. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from '@outlay/clickhouse'
import { monthStartMs } from '@outlay/core'
import { createPanel, type Panel } from '@outlay/panel'
import { loadDemoFacts } from '../../packages/cli/src/demo/demo-facts.ts'
import { loadHistory } from '../../packages/cli/src/demo/load-history.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

export interface PanelSite {
  readonly ledger: TestLedger
  readonly url: string
  /** With the sample history; the first that the panel shows. */
  readonly database: string
  readonly emptyDatabase: string
  /** Unix seconds: a window with calls in it and before it. */
  readonly from: number
  readonly to: number
  /** Mistakes that the panel told of. */
  readonly mistakes: unknown[]
  close(): Promise<void>
}

const HISTORY_DAYS = 16
const FOREVER_MS = 3_600_000
const WINDOW_SECONDS = 7 * 86_400
const YOUNG_MONTH_SECONDS = 2 * 86_400

/** Now, or the end of last month where this one is too young to hold calls: half of the KPIs are of a month. */
const endOfWindow = (now: number): number => {
  const month = monthStartMs(now * 1_000) / 1_000
  return now - month < YOUNG_MONTH_SECONDS ? month : now
}

const loadDemo = ({ client }: TestLedger, { collector, walDirectory }: TestCollector, database: string) =>
  loadHistory({
    endpoint: collector.url,
    markerPath: `${walDirectory}/../history.json`,
    nowMs: Date.now(),
    days: HISTORY_DAYS,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onStart: (startMs) => loadDemoFacts(client, database, startMs),
    settled: () => collector.settled(),
  })

export const startPanelSite = async (): Promise<PanelSite> => {
  const ledger = await startTestLedger({ databases: 2 })
  const [database, emptyDatabase] = [await ledger.createDatabase(), await ledger.createDatabase(['openai'])]
  const mistakes: unknown[] = []
  const others = createPanel({
    client: ledger.reader,
    databases: [database, emptyDatabase],
    loopbackOnly: true,
    // Nothing is added after the history: each question is read once.
    freshAnswerMs: FOREVER_MS,
    onInternalError: (error) => mistakes.push(error),
  })
  const collector = await startTestCollector(ledger, database, { admin: { host: '127.0.0.1', port: 0, others } })
  await loadDemo(ledger, collector, database)
  const to = endOfWindow(Math.floor(Date.now() / 1_000))
  return {
    ledger,
    url: collector.collector.adminUrl ?? '',
    database,
    emptyDatabase,
    from: to - WINDOW_SECONDS,
    to,
    mistakes,
    close: async () => {
      await collector.close()
      await ledger.close()
    },
  }
}

/** A panel whose ledger is away. */
export const startPanelWithoutLedger = async () => {
  const client = connect({ url: 'http://127.0.0.1:1', username: 'reader', password: '', database: 'default' })
  const panel: Panel = createPanel({ client, databases: ['outlay'], loopbackOnly: true })
  const server = createServer(panel)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await client.close()
    },
  }
}
