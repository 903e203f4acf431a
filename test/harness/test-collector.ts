/** A collector in this process, on a test ledger, that settles as soon as it may. */
import { type Collector, type CollectorEvent, startCollector } from '@outlay/collector'
import { tempDir, type TempDir } from '@outlay/testkit'
import { QUICK } from './quick-settlement.ts'
import type { TestLedger } from './test-ledger.ts'

export interface TestCollector {
  readonly collector: Collector
  readonly walDirectory: string
  readonly events: CollectorEvent[]
  close(): Promise<void>
}

export const startTestCollector = async (
  { client, book }: TestLedger,
  database: string,
  overrides: { readonly directory?: TempDir; readonly quietPeriodMs?: number } = {},
): Promise<TestCollector> => {
  const directory = overrides.directory ?? tempDir()
  const events: CollectorEvent[] = []
  const quietMs = overrides.quietPeriodMs ?? QUICK.quietPeriodMs
  const collector = await startCollector({
    client,
    database,
    walDirectory: `${directory.path}/wal`,
    book,
    http: { host: '127.0.0.1', port: 0 },
    ...QUICK,
    quietPeriodMs: quietMs,
    quietPeriodOwnDialectMs: quietMs,
    onEvent: (event) => events.push(event),
  })
  return {
    collector,
    walDirectory: `${directory.path}/wal`,
    events,
    close: async () => {
      await collector.close()
      if (overrides.directory === undefined) directory.remove()
    },
  }
}
