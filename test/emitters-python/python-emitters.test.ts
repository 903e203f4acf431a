import { startStubProvider, type StubProvider, type StubServed } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { type LedgerCall, readLedgerCalls } from '../emitters/ledger-calls.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { caseOf, type CaseId } from './cases.ts'
import type { Emitter } from './emitter.ts'
import { EMITTERS } from './emitters.ts'
import { type ComparedCall, comparedCall, expectedCall, isCacheServed, seenOf } from './expected-call.ts'
import { laneOf, providerScript, taskOf } from './provider-script.ts'
import { preparePythonEnvironment, type PythonEnvironment } from './python-environment.ts'
import { type ProgramReport, runProgram } from './run-program.ts'

const CONCURRENCY = 2
const SETUP_MS_MAX = 600_000

let environment: PythonEnvironment
let ledger: TestLedger
let database: string
let collector: TestCollector
let provider: StubProvider
let calls: readonly LedgerCall[]
const reports = new Map<string, ProgramReport | Error>()

const runOne = ({ id: emitter, program, packages = 'main', environment: variables = {}, cases }: Emitter) => {
  if ('missing' in environment) throw new Error('BUG: no Python to run programs with')
  return runProgram({
    python: environment.pythons[packages],
    program,
    emitter,
    collectorUrl: collector.collector.url,
    cases: Object.fromEntries(
      cases.map((id) => [id, { url: `${provider.url}${laneOf(emitter, id)}`, model: caseOf(id).model }]),
    ),
    environment: variables,
  })
}

const runAll = async (): Promise<void> => {
  const waiting = [...EMITTERS]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      reports.set(next.id, await runOne(next).catch((error: unknown) => error as Error))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}

beforeAll(async () => {
  environment = await preparePythonEnvironment()
  if ('missing' in environment) {
    process.stderr.write(`Python emitters are skipped: this machine lacks ${environment.missing}.\n`)
    return
  }
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai', 'anthropic', 'google'])
  collector = await startTestCollector(ledger, database)
  provider = await startStubProvider({ script: providerScript(EMITTERS) })
  await runAll()
  await collector.collector.settled()
  calls = await readLedgerCalls(ledger, database)
}, SETUP_MS_MAX)

afterAll(async () => {
  if ('missing' in environment) return
  await provider.close()
  await collector.close()
  await ledger.close()
})

const skipWithoutPython = ({ skip }: TestContext): void => {
  if ('missing' in environment) skip(`this machine lacks ${environment.missing}`)
}

const query = async (sql: string): Promise<unknown[]> =>
  (await ledger.client.query({ query: sql, format: 'JSONEachRow' })).json()

const servedIn = (emitter: Emitter, id: CaseId): readonly StubServed[] =>
  provider.served.filter(({ lane }) => lane === laneOf(emitter.id, id))

const bySize = (a: ComparedCall, b: ComparedCall): number => a.inputTotal - b.inputTotal

describe.each(EMITTERS)('$id', (emitter) => {
  test('ran every case, and reached nothing beyond this machine', (context) => {
    skipWithoutPython(context)
    const report = reports.get(emitter.id)
    if (report instanceof Error) throw report
    expect(report).toEqual({ ran: emitter.cases, refused: [] })
    const answered = emitter.cases.map((id) => [id, servedIn(emitter, id).length])
    const scripted = emitter.cases.map((id) => [id, caseOf(id).answers.filter(({ error }) => !error).length])
    expect(answered).toEqual(scripted)
  })

  test.for([...emitter.cases])('%s: the ledger has what was served, each call once', (id, context) => {
    skipWithoutPython(context)
    const sight = emitter.sight(id)
    const served = servedIn(emitter, id)
    const found = calls.filter(({ task }) => task === taskOf(emitter.id, id))
    const billed = found.filter(({ usageStatus }) => usageStatus !== 'absent')
    const compared = billed.map((call) => comparedCall(call, isCacheServed(served)))
    expect(compared.sort(bySize)).toEqual(
      seenOf(served, sight)
        .map((answer) => expectedCall(answer, sight))
        .sort(bySize),
    )
    expect(found.length - billed.length).toBe(sight.listed ?? 0)
  })
})

describe('all emitters together', () => {
  test('come to the signed sums of the ledger, corrections included', async (context) => {
    skipWithoutPython(context)
    const expected = EMITTERS.flatMap((emitter) =>
      emitter.cases.flatMap((id) => {
        const sight = emitter.sight(id)
        return seenOf(servedIn(emitter, id), sight).map((answer) => expectedCall(answer, sight))
      }),
    )
    const sum = (of: (call: ComparedCall) => number): string =>
      String(expected.reduce((all, call) => all + of(call), 0))
    const sums = `SELECT sum(sign * toInt64(input_total)) AS input, sum(sign * toInt64(output_total)) AS output,
      sumIf(sign, usage_status != 'absent') AS calls FROM ${database}.calls`
    expect(await query(sums)).toEqual([
      {
        input: sum((call) => call.inputTotal),
        output: sum((call) => call.outputTotal),
        calls: String(expected.length),
      },
    ])
  })

  test('leave nothing without attribution', async (context) => {
    skipWithoutPython(context)
    const left = `SELECT scope_name, sum(sign) AS net FROM ${database}.quarantine GROUP BY scope_name HAVING net != 0`
    expect(await query(left)).toEqual([])
  })
})
