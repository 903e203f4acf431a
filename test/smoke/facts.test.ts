import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { type FactLoadResult, type FactRow, loadFacts, revenueTable } from '@outlay/clickhouse'
import { type Clock, systemClock } from '@outlay/core'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FACT_TABLES } from '../../packages/cli/src/facts/fact-tables.ts'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, type Outcome, readerOf, writerOf } from '../harness/run-outlay.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
let directory: TempDir

beforeAll(async () => {
  directory = tempDir()
  ledger = await startTestLedger()
  database = await ledger.createDatabase([])
})
afterAll(async () => {
  await ledger.close()
  directory.remove()
})

const saved = (name: string, content: string | Uint8Array): string => {
  const path = `${directory.path}/${name}`
  writeFileSync(path, content)
  return path
}

const load = (table: string, path: string, ...args: string[]): Promise<Outcome> =>
  runProgram(['facts', 'load', table, path, '--database', database, '--json', ...args], writerOf(ledger))

const answerOf = ({ stdout }: Outcome): { rows: number; loaded: number; problems: object[] } => {
  const answer = JSON.parse(stdout) as { rows: number; loaded: number; problems: object[] }
  expectDocumentedShape('facts', answer)
  return answer
}

const query = async <Row>(sql: string): Promise<Row[]> =>
  (await ledger.reader.query({ query: sql.replaceAll('{db}', database), format: 'JSONEachRow' })).json<Row>()

const storedRows = async (table: string): Promise<number> =>
  Number((await query<{ n: string }>(`SELECT count() AS n FROM {db}.${table}`))[0]?.n)

/** Heading → examples under it, with the language of their fence. */
const pageExamples = async (): Promise<readonly { table: string; language: string; text: string }[]> => {
  const page = await readFile(`${import.meta.dirname}/../../docs/reference/facts.md`, 'utf8')
  return page.split(/^## /m).flatMap((section) =>
    [...section.matchAll(/^```(csv|json)\n(.*?)^```/gms)].map(([, language = '', text = '']) => ({
      table: section.slice(0, section.indexOf('\n')),
      language,
      text,
    })),
  )
}

describe('outlay facts load', () => {
  test('takes every example of the page of facts, and a second time changes nothing', async () => {
    const examples = await pageExamples()
    expect([...new Set(examples.map(({ table }) => table))]).toEqual(FACT_TABLES)
    for (const { table, language, text } of examples) {
      const path = saved(`${table}.${language}`, text)
      const before = await storedRows(table)
      const first = await load(table, path)
      expect({ table, code: first.code, stderr: first.stderr }).toEqual({ table, code: 0, stderr: '' })
      const { rows, loaded, problems } = answerOf(first)
      // The JSON example repeats revenue that the CSV example brought.
      expect({ table, loaded, problems }).toEqual({ table, loaded: language === 'json' ? 0 : rows, problems: [] })
      expect(answerOf(await load(table, path))).toMatchObject({ rows, loaded: 0 })
      expect(await storedRows(table)).toBe(before + loaded)
    }
    const { stdout } = await runProgram(['facts', 'list', '--database', database, '--json'], readerOf(ledger))
    const listed = JSON.parse(stdout) as readonly object[]
    expectDocumentedShape('facts-list', listed)
    expect(listed[0]).toMatchObject({ table: 'tenants', rows: 2, latest_valid_from: '2026-04-15T09:00:00Z' })
    const forPeople = await runProgram(['facts', 'list', '--database', database], readerOf(ledger))
    expect(forPeople.stdout).toMatch(/tenants .* 2 .*2026-04-15T09:00:00Z/)
    expect(listed[3]).toMatchObject({ table: 'revenue', rows: 3, latest_valid_from: null })
  })

  test('reads the Parquet that the database writes of a table: nothing in it differs', async () => {
    for (const table of FACT_TABLES) {
      // Dates and times as the types that other tools write; the database would store them as bare numbers.
      const { stream } = await ledger.client.exec({
        query: `SELECT * EXCEPT(loaded_at) FROM ${database}.${table} FORMAT Parquet
          SETTINGS output_format_parquet_date_as_uint16 = 0, output_format_parquet_datetime_as_uint32 = 0`,
      })
      const path = saved(`${table}.parquet`, await buffer(stream))
      expect({ table, ...answerOf(await load(table, path)) }).toMatchObject({ table, loaded: 0, problems: [] })
    }
  })

  test('lets A hold again after A, B and A were loaded', async () => {
    const revenue = (amount: string): string =>
      saved(`r${amount}.csv`, `month,scope_kind,scope,amount,currency\n2026-10,tenant,aba,${amount},USD\n`)
    const held = async (): Promise<string | undefined> => {
      const sql = `SELECT toString(argMax(amount, loaded_at)) AS amount FROM {db}.revenue WHERE scope = 'aba'`
      return (await query<{ amount: string }>(sql))[0]?.amount
    }
    const [a, b] = [revenue('1.000000000000001'), revenue('2')]
    const seen: (string | undefined)[] = []
    for (const path of [a, b, a, a]) {
      expect((await load('revenue', path)).code).toBe(0)
      seen.push(await held())
    }
    expect(seen).toEqual(['1.000000000000001', '2', '1.000000000000001', '1.000000000000001'])
    expect(await storedRows(`revenue WHERE scope = 'aba'`)).toBe(3)
  })

  const fact = (scope: string, amount: bigint): FactRow => ({
    month: 20_000,
    scope_kind: 'tenant',
    scope,
    amount,
    currency: 'USD',
  })
  const loadRevenue = (rows: readonly FactRow[], clock: Clock): Promise<FactLoadResult> =>
    loadFacts(ledger.client, database, revenueTable, { rows, clock, keyOf: ({ scope }) => JSON.stringify(scope) })

  test('holds also where the clock runs behind that of the load before', async () => {
    await loadRevenue([fact('late', 1n)], systemClock)
    await loadRevenue([fact('late', 2n)], { now: () => 0 })
    const sql = `SELECT toString(argMax(amount, loaded_at)) AS amount FROM {db}.revenue WHERE scope = 'late'`
    expect(await query(sql)).toEqual([{ amount: '0.000000000000002' }])
  })

  test('stores a file once that is loaded twice at the same time', async () => {
    const rows = ['one', 'two'].map((scope) => fact(`twice-${scope}`, 1n))
    await Promise.all([loadRevenue(rows, systemClock), loadRevenue(rows, { now: () => 0 })])
    expect(await storedRows(`revenue WHERE startsWith(scope, 'twice')`)).toBe(2)
  })

  test('loads nothing of a file with a problem, and tells all of them', async () => {
    const before = await storedRows('users')
    const file = saved(
      'users-bad.csv',
      'user,tenant,tier,signup_month,seat_price_usd,valid_from\nh_good,acme,pro,2026-01,1,2026-01-01\nann@corp.example,acme,pro,2026-13,x,2026-01-01\n',
    )
    const outcome = await load('users', file)
    expect(outcome.code).toBe(2)
    const { rows, loaded, problems } = answerOf(outcome)
    expect({ rows, loaded }).toEqual({ rows: 2, loaded: 0 })
    expect(problems).toMatchObject([
      { row: 3, column: 'user' },
      { row: 3, column: 'signup_month' },
      { row: 3, column: 'seat_price_usd' },
    ])
    const forPeople = await runProgram(['facts', 'load', 'users', file, '--database', database], writerOf(ledger))
    expect(forPeople).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^E_FACTS: .*3 problem/) })
    expect(outcome.stdout + forPeople.stderr).not.toContain('ann@corp')
    expect(await storedRows('users')).toBe(before)
  })

  test('with --dry-run needs no database, and says without one that a load does', async () => {
    const file = saved('fx.csv', 'base,quote,day,rate,source\nEUR,USD,2026-11-21,1.1,ECB\n')
    const dry = await runProgram(['facts', 'load', 'fx_rates', file, '--dry-run'], NO_LEDGER)
    expect(dry).toMatchObject({ code: 0, stdout: 'fx_rates: 1 row(s) are in order; nothing was loaded.\n' })
    const real = await runProgram(['facts', 'load', 'fx_rates', file], NO_LEDGER)
    expect(real).toMatchObject({ code: 3, stderr: expect.stringMatching(/^E_UNREACHABLE/) })
  })

  test.each([
    [['nothing', 'x.csv'], /Allowed choices are tenants, users/],
    [['users', 'users.xlsx'], /^E_FACT_FORMAT: .*\.csv.*--format/],
    [['users', 'no-such-file.csv'], /^E_FILE/],
  ])('refuses %j with exit 2', async (args, message) => {
    const outcome = await runProgram(['facts', 'load', ...args], NO_LEDGER)
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  })
})
