/** The tests of one language: the ledger is compared with what the stub provider served to its emitters. */
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import type { Missing } from '../harness/prepared-folder.ts'
import { caseOf, type CaseId } from './cases.ts'
import type { Emitter } from './emitter.ts'
import { type ComparedCall, comparedCall, expectedCall, isCacheServed, seenOf } from './expected-call.ts'
import { taskOf } from './provider-script.ts'
import { type Outcome, runEmitters, type RunOf } from './run-emitters.ts'

const SETUP_MS_MAX = 1_500_000

/** What programs ask and tools answer, and how the stub provider answers. */
const CONTENT = ['weather in Porto', 'sunny', 'Here is the answer']

interface Language<One extends Emitter> {
  readonly emitters: readonly One[]
  /** Makes ready what its programs need, or says what this machine lacks: the reason to skip. */
  readonly prepare: () => Promise<RunOf<One> | Missing>
}

const bySize = (a: ComparedCall, b: ComparedCall): number => a.inputTotal - b.inputTotal

const expectedOf = (outcome: Outcome, emitter: Emitter, id: CaseId): ComparedCall[] => {
  const sight = emitter.sight(id)
  return seenOf(outcome.servedIn(emitter, id), sight).map((answer) => expectedCall(answer, sight))
}

/** To be called once in a test file. */
export const describeEmitters = <One extends Emitter>({ emitters, prepare }: Language<One>): void => {
  let outcome: Outcome | Missing

  beforeAll(async () => {
    const prepared = await prepare()
    if ('missing' in prepared) {
      process.stderr.write(`These emitters are skipped: this machine lacks ${prepared.missing}.\n`)
      outcome = prepared
    } else {
      outcome = await runEmitters(emitters, prepared)
    }
  }, SETUP_MS_MAX)

  afterAll(async () => {
    if (!('missing' in outcome)) await outcome.close()
  })

  const outcomeFor = ({ skip }: TestContext): Outcome =>
    'missing' in outcome ? skip(`this machine lacks ${outcome.missing}`) : outcome

  describe.each(emitters)('$id', (emitter) => {
    test('ran every case, and reached nothing beyond this machine', (context) => {
      const { reports, servedIn } = outcomeFor(context)
      const report = reports.get(emitter.id)
      if (report instanceof Error) throw report
      expect(report).toEqual({ ran: emitter.cases, refused: [] })
      const answered = emitter.cases.map((id) => [id, servedIn(emitter, id).length])
      const scripted = emitter.cases.map((id) => [id, caseOf(id).answers.filter(({ error }) => !error).length])
      expect(answered).toEqual(scripted)
    })

    test.for([...emitter.cases])('%s: the ledger has what was served, each call once', (id, context) => {
      const found = outcomeFor(context).calls.filter(({ task }) => task === taskOf(emitter.id, id))
      const billed = found.filter(({ usageStatus }) => usageStatus !== 'absent')
      const hasCache = isCacheServed(outcomeFor(context).servedIn(emitter, id))
      const compared = billed.map((call) => comparedCall(call, hasCache))
      expect(compared.sort(bySize)).toEqual(expectedOf(outcomeFor(context), emitter, id).sort(bySize))
      expect(found.length - billed.length).toBe(emitter.sight(id).listed ?? 0)
    })
  })

  describe('all emitters together', () => {
    test('come to the signed sums of the ledger, corrections included', async (context) => {
      const ran = outcomeFor(context)
      const expected = emitters.flatMap((emitter) => emitter.cases.flatMap((id) => expectedOf(ran, emitter, id)))
      const sum = (of: (call: ComparedCall) => number): string =>
        String(expected.reduce((all, call) => all + of(call), 0))
      const sums = `SELECT sum(sign * toInt64(input_total)) AS input, sum(sign * toInt64(output_total)) AS output,
        sumIf(sign, usage_status != 'absent') AS calls FROM ${ran.database}.calls`
      expect(await ran.query(sums)).toEqual([
        {
          input: sum((call) => call.inputTotal),
          output: sum((call) => call.outputTotal),
          calls: String(expected.length),
        },
      ])
    })

    test('leave nothing of prompts and answers', async (context) => {
      const { query, database } = outcomeFor(context)
      const holdsContent = CONTENT.map((text) => `position(text, '${text}') > 0`).join(' OR ')
      const stored = `SELECT DISTINCT scope_name, pair.1 AS key FROM
        (SELECT scope_name, arrayJoin(CAST(attributes_string, 'Array(Tuple(String, String))')) AS pair, pair.2 AS text
         FROM ${database}.spans) WHERE ${holdsContent}`
      expect(await query(stored)).toEqual([])
    })

    test('leave nothing without attribution', async (context) => {
      const { query, database } = outcomeFor(context)
      const left = `SELECT scope_name, sum(sign) AS net FROM ${database}.quarantine GROUP BY scope_name HAVING net != 0`
      expect(await query(left)).toEqual([])
    })
  })
}
