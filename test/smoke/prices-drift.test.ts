import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { entriesFor } from '../harness/ledger-rows.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, type Outcome, readerOf, runOutlay } from '../harness/run-outlay.ts'
import { postCalls, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** Two wrong prices, one right one, a key that nobody knows, a price that is none. */
const MAP = JSON.stringify({
  'gpt-5': { litellm_provider: 'openai', input_cost_per_token: 1e-6, output_cost_per_token: 1e-5, new_cost: 1 },
  'claude-3-haiku-20240307': {
    litellm_provider: 'anthropic',
    cache_creation_input_token_cost_above_1hr: 6e-6,
    cache_read_input_token_cost: 8.333_333_333_333_334e-8,
  },
})

const AGREED = JSON.stringify({ 'gpt-5': { litellm_provider: 'openai', output_cost_per_token: 1e-5 } })

const WAIVERS = (until: string): string => `format: outlay-drift-waivers/1
waivers:
- {provider: anthropic, model: claude-3-haiku, meter: cache_write_1h, theirs: "6.00", reason: known defect, until: ${until}}
`

interface Line {
  readonly model: string
  readonly meter: string
  readonly ratio: string
  readonly their_age_days: number
  readonly touched_usd: string | null
  readonly stated: readonly string[]
}

interface Answer {
  readonly compared: number
  readonly differences: readonly Line[]
  readonly waived: readonly Line[]
  readonly expired_waivers: readonly unknown[]
  readonly not_comparable: readonly { readonly where: string }[]
  readonly unknown_keys: readonly unknown[]
  readonly money: unknown
  readonly money_left_out: string | null
}

let directory: TempDir
beforeAll(() => {
  directory = tempDir()
  for (const [name, text] of Object.entries({
    'map.json': MAP,
    'agreed.json': AGREED,
    'other.json': '{"hello": "world"}',
    'waivers.yaml': WAIVERS('2199-01-01'),
    'expired.yaml': WAIVERS('2020-01-01'),
    'broken.yaml': `${WAIVERS('never')}- {provider: openai, meter: inptu, reason: x, until: 2199-01-01}\n`,
  })) {
    writeFileSync(join(directory.path, name), text)
  }
})
afterAll(() => directory.remove())

const drift = (args: readonly string[], env: Readonly<Record<string, string>> = NO_LEDGER): Promise<Outcome> =>
  runProgram(['prices', 'drift', ...args], env, undefined, directory.path)

const answerOf = ({ stdout }: Outcome): Answer => {
  const answer = JSON.parse(stdout) as Answer
  expectDocumentedShape('prices-drift', answer)
  return answer
}

const shown = ({ differences }: Answer): string[] =>
  differences.map(({ model, meter, ratio }) => `${model} ${meter} ${ratio}`)

describe('outlay prices drift without a ledger', () => {
  test('compares with the packaged book, says what it left out, and exits 1 for a difference', async () => {
    const outcome = await runOutlay(['prices', 'drift', '--file', 'map.json', '--json'], NO_LEDGER, directory.path)
    expect(outcome.code).toBe(1)
    const answer = answerOf(outcome)
    expect(shown(answer)).toEqual(['claude-3-haiku cache_write_1h 12/1', 'gpt-5 input 4/5'])
    expect(answer).toMatchObject({
      book: 'packaged',
      compared: 3,
      money: null,
      money_left_out: expect.stringContaining('no ClickHouse answers'),
      unknown_keys: [{ key: 'new_cost', entries: 1 }],
      not_comparable: [{ where: 'claude-3-haiku-20240307: cache_read_input_token_cost' }],
    })
    expect(answer.differences[1]?.stated).toEqual(['gpt-5: input_cost_per_token'])
  })

  test('says the same to a person, without a column of money', async () => {
    const { stdout } = await drift(['--file', 'map.json'])
    expect(stdout).toMatch(/openai · gpt-5 · standard .*1\.25 USD \/ 1000000 .*1 USD \/ 1000000 .*× 0\.8/)
    expect(stdout).toMatch(/Money touched is left out.*no ClickHouse answers/)
    expect(stdout).toMatch(/does not know: new_cost \(1\)/)
    expect(stdout).not.toMatch(/money, 30 days/)
  })

  test('dates a catalogue that gives no day by its file, unless a day is given', async () => {
    const old = new Date(Date.now() - 10 * 86_400_000)
    utimesSync(join(directory.path, 'map.json'), old, old)
    const [byFile] = answerOf(await drift(['--file', 'map.json', '--json'])).differences
    const [byDay] = answerOf(await drift(['--file', 'map.json', '--checked-at', '2026-01-01', '--json'])).differences
    expect(byFile?.their_age_days).toBe(10)
    expect(byDay?.their_age_days).toBe(Math.floor((Date.now() - Date.parse('2026-01-01')) / 86_400_000))
  })

  test('exits 0 where nothing differs', async () => {
    const outcome = await drift(['--file', 'agreed.json', '--json'])
    expect(outcome.code).toBe(0)
    expect(answerOf(outcome)).toMatchObject({ compared: 1, differences: [] })
  })

  test('keeps explained differences apart, and names waivers that have expired', async () => {
    const explained = answerOf(await drift(['--file', 'map.json', '--waivers', 'waivers.yaml', '--json']))
    expect(shown(explained)).toEqual(['gpt-5 input 4/5'])
    expect(explained.waived).toHaveLength(1)
    const expired = await drift(['--file', 'map.json', '--waivers', 'expired.yaml', '--json'])
    expect(answerOf(expired)).toMatchObject({ waived: [], expired_waivers: [{ until: '2020-01-01' }] })
    expect(shown(answerOf(expired))).toHaveLength(2)
    const { stdout } = await drift(['--file', 'map.json', '--waivers', 'expired.yaml'])
    expect(stdout).toMatch(
      /Waivers that have expired \(1\)\n {2}anthropic · claude-3-haiku · cache_write_1h: known defect/,
    )
  })

  test.each([
    ['no such file', ['--file', 'nothing.json'], /E_FILE/],
    [
      'a file of another kind',
      ['--file', 'other.json'],
      /E_CATALOGUE: other.json: .*LiteLLM.*genai-prices.*outlay-prices/,
    ],
    ['no file at all', [], /--file/],
    [
      'broken waivers',
      ['--file', 'map.json', '--waivers', 'broken.yaml'],
      /E_WAIVERS: .*broken.yaml:3 .*broken.yaml:4 /s,
    ],
    ['a day that is none', ['--file', 'map.json', '--checked-at', 'today'], /E_TIME/],
  ])('exits 2 for %s', async (_, args, message) => {
    const { code, stderr } = await drift(args)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })

  test('exits 3 where a book of the ledger is asked for', async () => {
    expect(await drift(['--file', 'map.json', '--book', 'current'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('E_UNREACHABLE'),
    })
  })
})

describe('outlay prices drift beside a ledger', () => {
  let ledger: TestLedger
  let database: string
  beforeAll(async () => {
    ledger = await startTestLedger()
    database = await ledger.createDatabase()
    const at = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()
    const specs = [
      { id: 1, at: at(2), model: 'gpt-5', meters: { input: 3_000_000, output: 1_000 } },
      { id: 2, at: at(3), model: 'gpt-5-2025-08-07', meters: { input: 1_000_000 } },
      { id: 3, at: at(60), model: 'gpt-5', meters: { input: 7_000_000 } },
      { id: 4, at: at(2), provider: 'anthropic', model: 'claude-3-haiku', meters: { cache_write_1h: 1_000_000 } },
    ]
    await postCalls(ledger, database, entriesFor(ledger.book, specs), 'calls')
  })
  afterAll(() => ledger.close())

  test('sorts by the money that our price charged in 30 days, under every name of the model', async () => {
    const args = ['--file', 'map.json', '--database', database]
    const answer = answerOf(await drift([...args, '--json'], readerOf(ledger)))
    expect(answer).toMatchObject({ book: 'packaged', money: { database, priced_by: 'current', days: 30 } })
    expect(answer.differences.map(({ model, meter, touched_usd }) => [model, meter, touched_usd])).toEqual([
      ['gpt-5', 'input', '5'],
      ['claude-3-haiku', 'cache_write_1h', '0.5'],
    ])
    const { stdout } = await drift(args, readerOf(ledger))
    expect(stdout).toMatch(/gpt-5 · standard .*\$5\.00.*\n.*\n.*claude-3-haiku .*\$0\.50/)
  })

  test('compares with a book of the ledger, and refuses one that it does not have', async () => {
    const stored = await drift(
      ['--file', 'map.json', '--book', 'r1', '--database', database, '--json'],
      readerOf(ledger),
    )
    expect(answerOf(stored)).toMatchObject({ book: 'r1', money: { priced_by: 'r1' } })
    expect(shown(answerOf(stored))).toEqual(['gpt-5 input 4/5', 'claude-3-haiku cache_write_1h 12/1'])
    const missing = await drift(['--file', 'map.json', '--book', 'r9', '--database', database], readerOf(ledger))
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('want current, r1') })
  })

  test('leaves the money out where the database is none of ours, and says so', async () => {
    const outcome = await drift(['--file', 'map.json', '--database', 'nowhere', '--json'], readerOf(ledger))
    expect(outcome.code).toBe(1)
    expect(answerOf(outcome)).toMatchObject({
      money: null,
      money_left_out: expect.stringContaining('no Outlay schema'),
    })
  })
})
