import { startStubProvider, type StubProvider, type StubServed, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { caseOf, type CaseId } from './cases.ts'
import type { Emitter } from './emitter.ts'
import { EMITTERS } from './emitters/index.ts'
import { comparableCall, expectedCall } from './expected-calls.ts'
import { laneName, taskOf } from './lane-name.ts'
import { type LedgerCall, readLedgerCalls } from './ledger-calls.ts'
import { providerScript } from './provider-script.ts'
import { type EmitterReport, runEmitter } from './run-emitter.ts'

const CONCURRENCY = 2
/** Some forty seconds on two idle cores. */
const RUN_MS_MAX = 400_000

let ledger: TestLedger
let database: string
let collector: TestCollector
let provider: StubProvider
let calls: readonly LedgerCall[]
const reports = new Map<string, EmitterReport>()

const runAll = async (): Promise<void> => {
  const waiting = [...EMITTERS]
  using directory = tempDir()
  // `npm test` keeps compiled code between runs.
  const codeCache = process.env['NODE_COMPILE_CACHE'] ?? directory.path
  const place = { collectorUrl: collector.collector.url, providerUrl: provider.url, codeCache }
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      reports.set(next.id, await runEmitter(next.id, place))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai', 'anthropic'])
  collector = await startTestCollector(ledger, database)
  provider = await startStubProvider({ script: providerScript(EMITTERS) })
  await runAll()
  await collector.collector.settled()
  calls = await readLedgerCalls(ledger, database)
}, RUN_MS_MAX)
afterAll(async () => {
  await provider.close()
  await collector.close()
  await ledger.close()
})

const servedIn = (emitter: Emitter, id: CaseId): readonly StubServed[] =>
  provider.served.filter(({ lane }) => lane === `/${laneName(emitter.id, id)}`)

const callsIn = (emitter: Emitter, id: CaseId): readonly LedgerCall[] =>
  calls.filter(({ task }) => task === taskOf(emitter.id, id))

/** Answers of which the emitter says anything at all. */
const seenIn = (emitter: Emitter, id: CaseId): readonly StubServed[] =>
  emitter.sight(id).unseen === true ? [] : servedIn(emitter, id)

const expectedIn = (emitter: Emitter, id: CaseId) =>
  seenIn(emitter, id).map((answer) => expectedCall(answer, emitter.sight(id)))

const isCounted = ({ usageStatus }: LedgerCall): boolean => usageStatus !== 'absent'

interface Totals {
  readonly inputTotal: number
  readonly outputTotal: number
}

const bySize = (a: Totals, b: Totals): number => a.inputTotal - b.inputTotal

const sumOf = (totals: readonly Totals[]) => ({
  calls: totals.length,
  input: totals.reduce((sum, { inputTotal }) => sum + inputTotal, 0),
  output: totals.reduce((sum, { outputTotal }) => sum + outputTotal, 0),
})

describe.each(EMITTERS)('$id', (emitter) => {
  test('ran every case, and reached nothing beyond this machine', () => {
    expect(reports.get(emitter.id)).toEqual({ failures: [], refusedHosts: [] })
    const answered = emitter.cases.map((id) => [id, servedIn(emitter, id).length])
    const scripted = emitter.cases.map((id) => [id, caseOf(id).answers.filter(({ error }) => !error).length])
    expect(answered).toEqual(scripted)
  })

  test.each(emitter.cases)('%s: the ledger has what was served, each call once', (id) => {
    const sight = emitter.sight(id)
    const found = callsIn(emitter, id)
    const counted = found.filter(isCounted).map((call) => comparableCall(call, sight))
    expect(counted.sort(bySize)).toEqual(expectedIn(emitter, id).sort(bySize))
    const silent = servedIn(emitter, id).length - seenIn(emitter, id).length
    expect(found.length - counted.length).toBe(silent + (sight.listedAttempts ?? 0))
  })

  test('all in all: nothing of it stands anywhere else in the ledger', () => {
    const found = calls.filter(({ service }) => service === emitter.id).filter(isCounted)
    expect(sumOf(found)).toEqual(sumOf(emitter.cases.flatMap((id) => expectedIn(emitter, id))))
  })
})

describe('nothing of any emitter', () => {
  test('is left without attribution', async () => {
    const query = `SELECT scope_name, sum(sign) AS net FROM ${database}.quarantine GROUP BY scope_name HAVING net != 0`
    const rows = await (await ledger.client.query({ query, format: 'JSONEachRow' })).json()
    expect(rows).toEqual([])
  })
})
