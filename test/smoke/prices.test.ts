import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { runOutlay } from '../harness/run-outlay.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const root = `${import.meta.dirname}/../..`
const casesPath = `${root}/packages/pricing/test/fixtures/price-cases.json`

describe('outlay prices explain', () => {
  test('answers a file of questions with an array, equal to the published cases', async () => {
    const cases = JSON.parse(readFileSync(casesPath, 'utf8')) as {
      id: string
      expected_usd?: string
      expected_status?: string
    }[]
    const { code, stdout } = await runOutlay(['prices', 'explain', '--file', casesPath])
    expect(code).toBe(0)
    expectDocumentedShape('prices-explain', JSON.parse(stdout))
    const answers = JSON.parse(stdout) as { id: string; status: string; cost_usd: string | null }[]
    expect(answers.map(({ id, status, cost_usd }) => ({ id, status, cost_usd }))).toEqual(
      cases.map(({ id, expected_usd, expected_status }) => ({
        id,
        status: expected_status ?? 'priced',
        cost_usd: expected_usd ?? null,
      })),
    )
  })

  test('answers one question with its lines, in decimal strings', async () => {
    const { stdout } = await runOutlay([
      'prices',
      'explain',
      '--provider',
      'openai',
      '--model',
      'gpt-5',
      '--at',
      '2026-10-05T10:00:00Z',
      '--usage',
      '{"input":1000,"output":100}',
    ])
    expectDocumentedShape('prices-explain', JSON.parse(stdout))
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'priced',
      cost_usd: '0.00225',
      lines: [
        { meter: 'input', quantity: 1000, price: '1.25', per: 1_000_000, cost_usd: '0.00125' },
        { meter: 'output', quantity: 100, price: '10', per: 1_000_000, cost_usd: '0.001' },
      ],
      missing: [],
    })
  })

  test.each([
    [['--provider', 'openai'], /--model, --at, --usage/],
    [['--provider', 'openai', '--model', 'gpt-5', '--at', '2026-10-05', '--usage', '{'], /--usage: not JSON/],
    [['--provider', 'openai', '--model', 'gpt-5', '--at', '2026-10-05', '--usage', '{"inptu":1}'], /no meter "inptu"/],
    [['--file', 'no-such-file.json'], /E_FILE/],
  ])('refuses %j with what is wrong', async (args, message) => {
    const { code, stderr } = await runOutlay(['prices', 'explain', ...args])
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})

describe('outlay prices show', () => {
  test('lists the prices of a model that hold at a time, with source and grade', async () => {
    const { stdout } = await runOutlay([
      'prices',
      'show',
      'gpt-5',
      '--provider',
      'openai',
      '--at',
      '2026-10-05',
      '--json',
    ])
    const rows = JSON.parse(stdout) as { tier: string; meter: string; price: string; grade: string; source: string }[]
    expectDocumentedShape('prices-show', rows)
    expect(rows.find(({ tier, meter }) => tier === 'standard' && meter === 'input')).toMatchObject({
      price: '1.25',
      grade: 'A',
    })
  })

  test('an unknown model is refused, and the nearest are named', async () => {
    const { code, stderr } = await runOutlay(['prices', 'show', 'claude-opus'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/want claude-opus-4/)
  })
})

describe('outlay prices list', () => {
  let ledger: TestLedger
  beforeAll(async () => {
    ledger = await startTestLedger()
  })
  afterAll(() => ledger.close())

  test('shows the revisions of the book in the ledger', async () => {
    const database = await ledger.createDatabase()
    const { code, stdout } = await runOutlay(['prices', 'list', '--database', database, '--json'], {
      CLICKHOUSE_URL: ledger.engine.url,
      CLICKHOUSE_USER: 'reader',
    })
    expect(code).toBe(0)
    expectDocumentedShape('prices-list', JSON.parse(stdout))
    expect(JSON.parse(stdout)).toMatchObject([
      { revision: 1, author: 'outlay', reason: 'packaged price book', rows: ledger.book.rows.length },
    ])
  })
})

describe('outlay prices check', () => {
  test('lists what a person should look at and exits 1 when there is something', async () => {
    const { code, stdout } = await runOutlay(['prices', 'check', '--json'])
    const findings = JSON.parse(stdout) as { kind: string; where: string; what: string }[]
    expectDocumentedShape('prices-check', findings)
    expect(code).toBe(findings.length === 0 ? 0 : 1)
    // A price of grade D is in the seed: Azure's US data zone.
    expect(findings.some(({ kind }) => kind === 'assumed')).toBe(true)
  })
})
