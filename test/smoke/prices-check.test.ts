import type { PriceRow } from '@outlay/pricing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { entriesFor } from '../harness/ledger-rows.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, type Outcome, readerOf } from '../harness/run-outlay.ts'
import { addPrices, postCalls, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

interface Finding {
  readonly kind: string
  readonly where: string
  readonly what: string
  readonly calls?: number
}

const findingsOf = ({ stdout }: Outcome, kind: string): readonly Finding[] => {
  const findings = JSON.parse(stdout) as readonly Finding[]
  expectDocumentedShape('prices-check', findings)
  return findings.filter((finding) => finding.kind === kind)
}

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 3 })
})
afterAll(() => ledger.close())

const check = (args: readonly string[], env = readerOf(ledger)): Promise<Outcome> =>
  runProgram(['prices', 'check', ...args, '--json'], env)

describe('outlay prices check of the packaged book', () => {
  test('needs no ledger, and says nothing of calls', async () => {
    const outcome = await check([], NO_LEDGER)
    expect(outcome.code).toBe(1)
    const assumed = findingsOf(outcome, 'assumed')
    expect(assumed.length).toBeGreaterThan(0)
    expect(assumed.filter(({ calls }) => calls !== undefined)).toEqual([])
  })
})

describe('outlay prices check of a stored book', () => {
  test('exits 3 where no ledger answers', async () => {
    expect(await check(['--book', 'current'], NO_LEDGER)).toMatchObject({ code: 3 })
    expect(await check(['--database', 'nowhere'])).toMatchObject({ code: 3 })
  })

  test('names what the ledger saw and no price is found for, and counts the calls on assumed prices', async () => {
    const database = await ledger.createDatabase()
    const day = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()
    await addPrices(ledger, database, [{ ...listed('output'), grade: 'D', source: 'hearsay' }])
    const specs = [
      { id: 1, at: day(2), model: 'gpt-5', meters: { input: 1, output: 100, output_reasoning: 5 } },
      { id: 2, at: day(3), model: 'gpt-5-2025-08-07', meters: { output: 100 } },
      { id: 3, at: day(45), model: 'gpt-5', meters: { output: 100 } },
      { id: 4, at: day(1), model: 'gpt-5', meters: { input: 10 } },
      { id: 5, at: day(1), model: 'gpt-5-typo', meters: { input: 10 } },
      { id: 6, at: day(60), model: 'gpt-5-typo', meters: { output: 10 }, selectors: { batch: true } },
    ]
    await postCalls(ledger, database, entriesFor(ledger.book, specs), 'calls')

    const outcome = await check(['--database', database])
    expect(outcome.code).toBe(1)
    expect(findingsOf(outcome, 'unmapped_name')).toMatchObject([
      { where: 'openai · gpt-5-typo', what: expect.stringContaining('no name of openai'), calls: 2 },
    ])
    expect(findingsOf(outcome, 'assumed').filter(({ calls }) => calls !== 0)).toMatchObject([
      { where: 'openai · gpt-5 · standard', what: 'output: assumed, from hearsay', calls: 2 },
    ])
    expect(findingsOf(outcome, 'rewritten_row')).toEqual([])
    const { stdout } = await runProgram(['prices', 'check', '--database', database], readerOf(ledger))
    expect(stdout).toMatch(/gpt-5-typo.*; 2 call\(s\)\n/)
    expect(stdout).toMatch(new RegExp(`finding\\(s\\) in the book current of ${database}`))
  })

  test('finds versions of one row that differ in more than their end, and no right change of the book', async () => {
    const database = await ledger.createDatabase()
    // Versions that the engine merges are gone: here both shall still be there.
    for (const table of ['price_rows', 'model_names']) {
      await ledger.client.command({
        query: `ALTER TABLE ${database}.${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1`,
      })
    }
    const dearer = { price: '2.5', fusd: 2_500_000_000n, validFrom: Date.parse('2026-10-01') / 1_000 }
    await addPrices(ledger, database, [{ ...listed('input'), ...dearer }])
    const rewritten = async (): Promise<readonly Finding[]> =>
      findingsOf(await check(['--book', 'r2', '--database', database]), 'rewritten_row')
    expect(await rewritten()).toEqual([])

    const write = (table: string, change: string, where: string): Promise<unknown> =>
      ledger.client.command({
        query: `INSERT INTO ${database}.${table}
          SELECT * REPLACE(${change}) FROM (SELECT * FROM ${database}.${table} FINAL WHERE ${where} LIMIT 1)`,
      })
    const cell = (model: string, meter: string): string =>
      `provider = 'openai' AND model = '${model}' AND tier = 'standard' AND region = '' AND meter = '${meter}' AND band = 0 AND superseded_in = 0`
    await write('price_rows', "price + 1 AS price, 'edited' AS note, 2 AS superseded_in", cell('gpt-5', 'output'))
    await write('price_rows', 'row_id AS row_id', cell('gpt-5-mini', 'output'))
    await write(
      'model_names',
      "'gpt-4o' AS model, 2 AS superseded_in",
      "name = 'gpt-5' AND provider = 'openai' AND rule = 'exact'",
    )
    // What no applied revision wrote is no version of anything: a staging, or what a crash left behind.
    await write('price_rows', 'price + 1 AS price, 99 AS revision', cell('gpt-5-nano', 'output'))

    expect((await rewritten()).map(({ where, what }) => `${where}: ${what}`)).toEqual([
      'price_rows list · openai · gpt-5 · standard · 0 · output: price, note differ',
      'price_rows list · openai · gpt-5-mini · standard · 0 · output: recorded 2 times',
      'model_names list · openai · gpt-5: model differ',
    ])
  })

  test('of a name that the ledger does not have is refused', async () => {
    const database = await ledger.createDatabase()
    expect(await check(['--book', 'r7', '--database', database])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('E_BOOK'),
    })
  })
})

/** What gpt-5 costs now, by the packaged book. */
const listed = (meter: string): PriceRow => {
  const now = Date.now() / 1_000
  const row = ledger.book.rows.find(
    (candidate) =>
      candidate.provider === 'openai' &&
      candidate.model === 'gpt-5' &&
      candidate.tier === 'standard' &&
      candidate.region === '' &&
      candidate.meter === meter &&
      candidate.validFrom <= now &&
      now < candidate.validTo,
  )
  if (row === undefined) throw new Error(`gpt-5 has no price of ${meter}`)
  return row
}
