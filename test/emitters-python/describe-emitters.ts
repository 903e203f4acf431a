/**
 * Real emitters of another language against the stub provider and the running collector: the ledger must say what was
 * served, every call once, meter by meter.
 */
import { startStubProvider, type StubProvider, type StubServed } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { type LedgerCall, readLedgerCalls } from '../emitters/ledger-calls.ts'
import type { Missing } from '../harness/prepared-folder.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { caseOf, type CaseId } from './cases.ts'
import type { CheckedEmitter } from './emitter.ts'
import { type ComparedCall, comparedCall, expectedCall, isCacheServed, seenOf } from './expected-call.ts'
import { laneOf, providerScript, taskOf } from './provider-script.ts'

export interface Place {
  readonly url: string
  readonly model: string
}

/** What a program is told. */
export interface ProgramTask {
  readonly emitter: string
  readonly collectorUrl: string
  readonly cases: Readonly<Record<string, Place>>
}

export interface ProgramReport {
  readonly ran: readonly string[]
  /** Attempts to reach anything but this machine. */
  readonly refused: readonly string[]
}

interface EmitterLane<E extends CheckedEmitter> {
  readonly language: string
  readonly emitters: readonly E[]
  /** Installs or builds what the programs need. */
  readonly prepare: () => Promise<{ readonly run: (emitter: E, task: ProgramTask) => Promise<ProgramReport> } | Missing>
}

const CONCURRENCY = 2
const SETUP_MS_MAX = 1_500_000
/** In every question of every program: nothing of it may be stored. */
const PROMPT_PATTERN = '%weather in Porto%'

const bySize = (a: ComparedCall, b: ComparedCall): number => a.inputTotal - b.inputTotal

export const describeEmitters = <E extends CheckedEmitter>({ language, emitters, prepare }: EmitterLane<E>): void => {
  let missing: string | undefined
  let ledger: TestLedger
  let database: string
  let collector: TestCollector
  let provider: StubProvider
  let calls: readonly LedgerCall[]
  const reports = new Map<string, ProgramReport | Error>()

  const taskFor = ({ id: emitter, cases }: E): ProgramTask => ({
    emitter,
    collectorUrl: collector.collector.url,
    cases: Object.fromEntries(
      cases.map((id) => [id, { url: `${provider.url}${laneOf(emitter, id)}`, model: caseOf(id).model }]),
    ),
  })

  const runAll = async (run: (emitter: E, task: ProgramTask) => Promise<ProgramReport>): Promise<void> => {
    const waiting = [...emitters]
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        reports.set(next.id, await run(next, taskFor(next)).catch((error: unknown) => error as Error))
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  }

  beforeAll(async () => {
    const prepared = await prepare()
    if ('missing' in prepared) {
      missing = prepared.missing
      process.stderr.write(`${language} emitters are skipped: this machine lacks ${missing}.\n`)
      return
    }
    ledger = await startTestLedger()
    database = await ledger.createDatabase(['openai', 'anthropic', 'google'])
    collector = await startTestCollector(ledger, database)
    provider = await startStubProvider({ script: providerScript(emitters) })
    await runAll(prepared.run)
    await collector.collector.settled()
    calls = await readLedgerCalls(ledger, database)
  }, SETUP_MS_MAX)

  afterAll(async () => {
    if (missing !== undefined) return
    await provider.close()
    await collector.close()
    await ledger.close()
  })

  const skipWithoutPrograms = ({ skip }: TestContext): void => {
    if (missing !== undefined) skip(`this machine lacks ${missing}`)
  }

  const query = async (sql: string): Promise<unknown[]> =>
    (await ledger.client.query({ query: sql, format: 'JSONEachRow' })).json()

  const servedIn = (emitter: E, id: CaseId): readonly StubServed[] =>
    provider.served.filter(({ lane }) => lane === laneOf(emitter.id, id))

  describe.each(emitters)('$id', (emitter) => {
    test('ran every case, and reached nothing beyond this machine', (context) => {
      skipWithoutPrograms(context)
      const report = reports.get(emitter.id)
      if (report instanceof Error) throw report
      expect(report).toEqual({ ran: emitter.cases, refused: [] })
      const answered = emitter.cases.map((id) => [id, servedIn(emitter, id).length])
      const scripted = emitter.cases.map((id) => [id, caseOf(id).answers.filter(({ error }) => !error).length])
      expect(answered).toEqual(scripted)
    })

    test.for([...emitter.cases])('%s: the ledger has what was served, each call once', (id, context) => {
      skipWithoutPrograms(context)
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
      skipWithoutPrograms(context)
      const expected = emitters.flatMap((emitter) =>
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
      skipWithoutPrograms(context)
      const left = `SELECT scope_name, sum(sign) AS net FROM ${database}.quarantine GROUP BY scope_name HAVING net != 0`
      expect(await query(left)).toEqual([])
    })

    test('leave no word of a prompt in the evidence', async (context) => {
      skipWithoutPrograms(context)
      const kept = `SELECT DISTINCT scope_name, name FROM ${database}.spans
        WHERE toString(attributes_string) LIKE '${PROMPT_PATTERN}' OR name LIKE '${PROMPT_PATTERN}'`
      expect(await query(kept)).toEqual([])
    })
  })
}
