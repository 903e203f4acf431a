/** The emitters of one language, run against the stub provider and the running collector, and the ledger afterwards. */
import { startStubProvider, type StubServed } from '@outlay/testkit'
import { type LedgerCall, readLedgerCalls } from '../emitters/ledger-calls.ts'
import { startTestCollector } from '../harness/test-collector.ts'
import { startTestLedger } from '../harness/test-ledger.ts'
import { caseOf, type CaseId } from './cases.ts'
import type { Emitter } from './emitter.ts'
import { laneOf, providerScript } from './provider-script.ts'
import type { ProgramReport, ProgramRun } from './run-program.ts'

const CONCURRENCY = 2

/** Runs the program of an emitter. */
export type RunOf<One extends Emitter> = (emitter: One, run: ProgramRun) => Promise<ProgramReport>

/** What there is to look at when every program has run. */
export interface Outcome {
  readonly database: string
  readonly calls: readonly LedgerCall[]
  /** By emitter: what its program says, or why it failed. */
  readonly reports: ReadonlyMap<string, ProgramReport | Error>
  readonly servedIn: (emitter: Emitter, id: CaseId) => readonly StubServed[]
  readonly query: (sql: string) => Promise<unknown[]>
  readonly close: () => Promise<void>
}

const runEach = async <One extends Emitter>(
  emitters: readonly One[],
  runOne: (emitter: One) => Promise<ProgramReport>,
): Promise<ReadonlyMap<string, ProgramReport | Error>> => {
  const reports = new Map<string, ProgramReport | Error>()
  const waiting = [...emitters]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      reports.set(next.id, await runOne(next).catch((error: unknown) => error as Error))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return reports
}

export const runEmitters = async <One extends Emitter>(emitters: readonly One[], run: RunOf<One>): Promise<Outcome> => {
  const ledger = await startTestLedger()
  const database = await ledger.createDatabase(['openai', 'anthropic', 'google'])
  const running = await startTestCollector(ledger, database)
  const { collector } = running
  const provider = await startStubProvider({ script: providerScript(emitters) })
  const placeOf = (emitter: string, id: CaseId) => ({
    url: `${provider.url}${laneOf(emitter, id)}`,
    model: caseOf(id).model,
  })
  const reports = await runEach(emitters, (emitter) =>
    run(emitter, {
      emitter: emitter.id,
      collectorUrl: collector.url,
      cases: Object.fromEntries(emitter.cases.map((id) => [id, placeOf(emitter.id, id)])),
    }),
  )
  await collector.settled()
  return {
    database,
    calls: await readLedgerCalls(ledger, database),
    reports,
    servedIn: (emitter, id) => provider.served.filter(({ lane }) => lane === laneOf(emitter.id, id)),
    query: async (sql) => (await ledger.client.query({ query: sql, format: 'JSONEachRow' })).json(),
    close: async () => {
      await provider.close()
      await running.close()
      await ledger.close()
    },
  }
}
