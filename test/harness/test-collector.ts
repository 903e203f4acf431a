/** A collector in this process, on a test ledger, that settles as soon as it may. */
import { type Collector, type CollectorEvent, type CollectorSettings, startCollector } from '@outlay/collector'
import { tempDir, type TempDir } from '@outlay/testkit'
import { QUICK } from './quick-settlement.ts'
import type { TestLedger } from './test-ledger.ts'

export interface TestCollector {
  readonly collector: Collector
  readonly walDirectory: string
  readonly events: CollectorEvent[]
  close(): Promise<void>
}

type Overrides = Pick<
  CollectorSettings,
  | 'quietPeriodMs'
  | 'waitingTracesMax'
  | 'sharedTraces'
  | 'openTraceShownEveryMs'
  | 'clock'
  | 'dialects'
  | 'require'
  | 'admin'
  | 'tokens'
  | 'grpc'
  | 'mirror'
> & {
  /** Kept when the collector closes: the next one goes on with its log. */
  readonly directory?: TempDir
}

export const startTestCollector = async (
  { client, book }: TestLedger,
  database: string,
  { directory: given, quietPeriodMs = QUICK.quietPeriodMs, ...settings }: Overrides = {},
): Promise<TestCollector> => {
  const directory = given ?? tempDir()
  const events: CollectorEvent[] = []
  const collector = await startCollector({
    client,
    database,
    walDirectory: `${directory.path}/wal`,
    book,
    http: { host: '127.0.0.1', port: 0 },
    ...QUICK,
    quietPeriodMs,
    quietPeriodOwnDialectMs: quietPeriodMs,
    ...settings,
    onEvent: (event) => events.push(event),
  })
  return {
    collector,
    walDirectory: `${directory.path}/wal`,
    events,
    close: async () => {
      await collector.close()
      if (given === undefined) directory.remove()
    },
  }
}
