import { writeFileSync } from 'node:fs'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { entriesFor } from '../harness/ledger-rows.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { type Outcome, readerOf, writerOf } from '../harness/run-outlay.ts'
import { postCalls, readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
/** For commands that must change nothing. */
let untouched: string
const files = tempDir()
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 5 })
  untouched = await ledger.createDatabase(['openai'])
})
afterAll(async () => {
  await ledger.close()
  files.remove()
})

const OCTOBER = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }

/** A database with one call of a million input tokens of gpt-5 in October: 1.25 by the list. */
const oneCall = async (edition: 'of openai' | 'whole' = 'of openai'): Promise<string> => {
  const database = await ledger.createDatabase(edition === 'whole' ? undefined : ['openai'])
  const spec = { id: 1, at: '2026-10-05T10:00:00Z', model: 'gpt-5', meters: { input: 1_000_000 } }
  await postCalls(ledger, database, entriesFor(ledger.book, [spec]), 'calls')
  return database
}

const spendOf =
  (database: string) =>
  async (book = 'current'): Promise<string | null | undefined> =>
    (await readView<{ spend_usd: string | null }>(ledger, database, 'kpi_headline', { ...OCTOBER, book }))[0]?.spend_usd

const pricesOn =
  (database: string) =>
  (...args: string[]): Promise<Outcome> =>
    runProgram(['prices', ...args, '--database', database], writerOf(ledger))

interface Change {
  readonly outcome: string
  readonly revision: number | null
  readonly problems: readonly { readonly code: string; readonly where: string; readonly what: string }[]
  readonly changes: readonly string[]
}

const changeOf = ({ stdout }: Outcome): Change => {
  const change = JSON.parse(stdout) as Change
  expectDocumentedShape('prices-change', change)
  return change
}

const file = (name: string, text: string): string => {
  writeFileSync(`${files.path}/${name}`, text)
  return `${files.path}/${name}`
}

const HEAD = `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
sources: {page: {url: "https://example.test/prices", checked_at: "2026-11-20"}}
`

/** Commands that only read run with the access of a reader, as on a laptop. */
const reading =
  (database: string) =>
  (...args: string[]): Promise<Outcome> =>
    runProgram(['prices', ...args, '--database', database], readerOf(ledger))

const quote = (price: string, from = '2026-10-01'): string[] =>
  `add --provider openai --model gpt-5 --meter input --price ${price} --from ${from} --source page --checked-at 2026-11-20 --grade A`
    .split(' ')
    .concat('--reason', 'a test')

describe('outlay prices add', () => {
  test('a price of the past needs a word, then every view has it at once and the book before stays', async () => {
    const database = await oneCall()
    const [prices, spend] = [pricesOn(database), spendOf(database)]
    const refused = await prices(...quote('2.50'), '--json')
    expect(refused.code).toBe(1)
    expect(changeOf(refused).problems).toEqual([expect.objectContaining({ code: 'E_PAST' })])
    expect(await spend()).toBe('1.25')

    const added = await prices(...quote('2.50'), '--allow-past', '--json')
    expect(added.code).toBe(0)
    expect(changeOf(added)).toMatchObject({ outcome: 'applied', revision: 2 })
    expect([await spend(), await spend('r1'), await spend('r2')]).toEqual(['2.5', '1.25', '2.5'])

    const diff = await reading(database)(
      'diff',
      'r1',
      'current',
      '--impact',
      '--from',
      '2026-10-01',
      '--to',
      '2026-11-01',
      '--json',
    )
    expect(diff.code).toBe(1)
    expectDocumentedShape('prices-diff', JSON.parse(diff.stdout))
    expect(JSON.parse(diff.stdout)).toMatchObject({
      changes: expect.arrayContaining([
        expect.stringMatching(/^~ .*gpt-5.*input: 1.25 USD.*to 2026-10-01/),
        expect.stringMatching(/^\+ .*gpt-5.*input: 2.5 USD.*from 2026-10-01/),
      ]),
      impact: [
        {
          tenant: 'acme',
          provider: 'openai',
          model: 'gpt-5',
          meter: 'input',
          quantity: '1000000',
          before_usd: '1.25',
          after_usd: '2.5',
          change_usd: '1.25',
          unpriced_before: '0',
          unpriced_after: '0',
        },
      ],
    })
    expect(await prices('diff', 'r1', 'r1')).toMatchObject({ code: 0, stdout: 'The books say the same.\n' })
    expect(await prices('diff', 'r1', 'r9')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('want current, r1, r2'),
    })
    const again = await prices(...quote('2.50'), '--allow-past', '--json')
    expect(changeOf(again)).toMatchObject({ outcome: 'unchanged' })
  })

  test.each([
    [quote('0.0000000001'), 2, /at most 9/],
    [quote('3', '2026-12-01T00:10:00Z'), 2, /E_OFF_SLOT/],
    [quote('-1', '2026-12-01'), 2, /-1/],
    [quote('NaN', '2026-12-01'), 2, /NaN/],
    [quote('125', '2026-12-01'), 1, /E_JUMP .*1.25 USD .* → 125 USD/],
    [
      ['add', '--provider', 'openai', '--model', 'gtp-5', '--name', 'x', '--reason', 'y'],
      2,
      /did you mean "gpt-5"|gpt-5/,
    ],
    [['supersede', '12345', '--reason', 'x'], 2, /E_ROW/],
    [['supersede', 'tenant:nobody', '--reason', 'x'], 2, /no such contract/],
    [['import', 'no-such-file.yaml'], 2, /E_FILE/],
    [['update', '--file', 'package.json'], 2, /E_EDITION/],
    [['what-if', 'current', '--as-tier', 'batch'], 2, /E_BOOK/],
    [['what-if', 'x', '--where', 'model=no-such', '--times', '2'], 2, /E_WHAT_IF/],
    [['show', 'gpt-5', '--as-of', '2020-01-01'], 2, /no price was known then/],
  ])('refuses %j with what is wrong', async (args, code, message) => {
    const outcome = await pricesOn(untouched)(...args)
    expect(outcome.code).toBe(code)
    expect(`${outcome.stdout}${outcome.stderr}`).toMatch(message)
  })

  test('what was refused recorded nothing', async () => {
    const { stdout } = await pricesOn(untouched)('list', '--json')
    expect(JSON.parse(stdout)).toHaveLength(1)
  })

  test('a name makes calls of an unknown deployment priced, history included', async () => {
    const database = await ledger.createDatabase(['openai'])
    const spec = { id: 1, at: '2026-10-05T10:00:00Z', model: 'prod-chat', meters: { input: 1_000_000 } }
    await postCalls(ledger, database, entriesFor(ledger.book, [spec]), 'calls')
    const spend = spendOf(database)
    expect(await spend()).toBeNull()
    const named = await pricesOn(database)(
      ...'add --provider openai --model gpt-5 --name prod-chat --reason deployment'.split(' '),
    )
    expect(named).toMatchObject({ code: 0, stdout: expect.stringContaining('name "prod-chat" = gpt-5 always') })
    expect([await spend(), await spend('r1')]).toEqual(['1.25', null])

    // What only one of the books prices is no change of money: it was not known before.
    const window = ['--impact', '--from', '2026-10-01', '--to', '2026-11-01']
    const { stdout } = await reading(database)('diff', 'r1', 'r2', ...window, '--json')
    expectDocumentedShape('prices-diff', JSON.parse(stdout))
    expect(JSON.parse(stdout)).toMatchObject({
      impact: [
        { before_usd: null, after_usd: '1.25', change_usd: null, unpriced_before: '1000000', unpriced_after: '0' },
      ],
    })
    expect((await reading(database)('diff', 'r1', 'r2', ...window)).stdout).toMatch(
      /not priced[^\n]*1\.25[^\n]*not priced[\s\S]*Together .*0(\.00)? \+ 1 line/,
    )
  })
})

describe('outlay prices import', () => {
  test('stages an overlay as a book of its own, and applies it with a reason', async () => {
    const database = await oneCall()
    const [prices, spend] = [pricesOn(database), spendOf(database)]
    const overlay = file(
      'overlay.yaml',
      `${HEAD}models:
- provider: openai
  model: gpt-5
  sheets:
  - {tier: standard, src: page, grade: A, from: "2026-10-01", cells: {input: "2"}}
`,
    )
    expect((await prices('import', overlay)).code).toBe(1)
    const staged = await prices('import', overlay, '--allow-past', '--json')
    expect(changeOf(staged)).toMatchObject({ outcome: 'staged', revision: null })
    expect([await spend('staged'), await spend()]).toEqual(['2', '1.25'])
    expect(await prices('import', overlay, '--allow-past', '--apply')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('E_REASON'),
    })
    const applied = await prices('import', overlay, '--allow-past', '--apply', '--reason', 'announced')
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied as revision 2') })
    expect([await spend(), await spend('r1')]).toEqual(['2', '1.25'])

    const { stdout } = await prices('list', '--json')
    expectDocumentedShape('prices-list', JSON.parse(stdout))
    expect(JSON.parse(stdout)).toMatchObject([
      { revision: 1, kind: 'edition' },
      { revision: 2, kind: 'overlay', reason: 'announced', closed: 1 },
    ])
  })

  test('a contract prices its tenant, shows whose price it is, and ends when its card is superseded', async () => {
    const database = await oneCall()
    const [prices, spend] = [pricesOn(database), spendOf(database)]
    const contract = file(
      'acme.yaml',
      `${HEAD}card: "tenant:acme"
rules: [{discount: "0.2", models: [openai/gpt-5], src: page, grade: A}]
`,
    )
    const applied = await prices('import', contract, '--allow-past', '--apply', '--reason', 'signed', '--json')
    expect(changeOf(applied)).toMatchObject({ outcome: 'applied', revision: 2 })
    expect(await spend()).toBe('1')
    const explained = await reading(database)(
      ...'explain --book current --tenant acme --provider openai --model gpt-5 --at 2026-10-05T10:00:00Z'.split(' '),
      '--usage',
      '{"input":1000000}',
    )
    expectDocumentedShape('prices-explain', JSON.parse(explained.stdout))
    expect(JSON.parse(explained.stdout)).toMatchObject({
      cost_usd: '1',
      book: 'current@tenant:acme',
      revision: 2,
      lines: [{ card: 'tenant:acme', price: '1', derived_from: '− 0.2 of list' }],
    })
    const ended = await prices('supersede', 'tenant:acme', '--reason', 'ended', '--allow-past')
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied as revision 3') })
    expect([await spend(), await spend('r2')]).toEqual(['1.25', '1'])
  })

  test('a contract with several mistakes is refused with file and line of each, and nothing is staged', async () => {
    const database = await oneCall()
    const contract = file(
      'bad.yaml',
      `${HEAD}card: "tenant:acme"
discuont: 1
rules:
- {discount: "0.2", multiplier: "0.8", src: page, grade: A}
- {discount: 0.2, src: page, grade: A}
- {discount: "0.2", models: [openai/no-such], src: page, grade: A}
`,
    )
    const { code, stderr } = await pricesOn(database)('import', contract, '--apply', '--reason', 'x')
    expect(code).toBe(2)
    expect(stderr).toMatch(/bad.yaml:6 E_UNKNOWN_KEY/)
    expect(await spendOf(database)('staged')).toBeNull()
  })
})

describe('outlay prices supersede', () => {
  test('of a scheduled rise brings back what was known before it; of a listed price leaves a gap that is visible', async () => {
    const database = await oneCall()
    const [prices, spend] = [pricesOn(database), spendOf(database)]
    await prices(...quote('2', '2026-10-01'), '--allow-past')
    const rows = JSON.parse(
      (await reading(database)(...'show gpt-5 --provider openai --book current --json'.split(' '))).stdout,
    ) as { row_id: string; tier: string; meter: string; valid_from: string; region: string }[]
    expectDocumentedShape('prices-show', rows)
    const idOf = (from: string): string =>
      rows.find(
        ({ tier, meter, region, valid_from }) =>
          tier === 'standard' && meter === 'input' && region === '' && valid_from === from,
      )?.row_id ?? ''
    const cancelled = await prices('supersede', idOf('2026-10-01T00:00:00Z'), '--reason', 'cancelled', '--allow-past')
    expect(cancelled.code).toBe(0)
    expect([await spend(), await spend('r2'), await spend('r1')]).toEqual(['1.25', '2', '1.25'])

    const open = JSON.parse(
      (await prices(...'show gpt-5 --provider openai --book current --at 2026-10-05 --json'.split(' '))).stdout,
    ) as typeof rows
    const listed = open.find(({ tier, meter, region }) => tier === 'standard' && meter === 'input' && region === '')
    await prices('supersede', listed?.row_id ?? '', '--reason', 'doubtful', '--allow-past', '--leave-gap')
    expect(await spend()).toBeNull()
  })

  test('a row that was closed by hand does not come back with the next edition, and a price of our own stays over it', async () => {
    const database = await oneCall('whole')
    const [prices, spend] = [pricesOn(database), spendOf(database)]
    await prices(...quote('2', '2026-10-01'), '--allow-past')
    const update = await prices('update', '--apply', '--reason', 'the edition of this installation', '--json')
    expect(changeOf(update)).toMatchObject({ outcome: 'unchanged' })
    expect(await spend()).toBe('2')
  })
})

describe('outlay prices update', () => {
  test('stages a feed without a network, with what was corrected and what was left out of it', async () => {
    const database = await ledger.createDatabase(['openai'])
    const feed = file(
      'feed.json',
      JSON.stringify([
        {
          id: 'openai',
          name: 'OpenAI',
          api_pattern: 'https://api\\.openai\\.com',
          models: [
            {
              id: 'gpt-5',
              match: { equals: 'gpt-5' },
              prices: { input_mtok: 1.25, output_mtok: 10, cache_read_mtok: 0.125 },
            },
          ],
        },
      ]),
    )
    const undated = await pricesOn(database)('update', '--file', feed)
    expect(undated).toMatchObject({ code: 2, stderr: expect.stringContaining('--checked-at') })
    const shrunken = await pricesOn(database)('update', '--file', feed, '--checked-at', '2026-11-21', '--json')
    expect(shrunken.code).toBe(1)
    expect(changeOf(shrunken).problems.map(({ code }) => code)).toContain('E_VANISHED')
  })
})

describe('outlay prices what-if', () => {
  test('defines a book that every view can be asked for, lists it, and forgets it', async () => {
    const database = await oneCall()
    const [prices, spend] = [pricesOn(database), spendOf(database)]
    const defined = await prices(
      ...'what-if half --where provider=openai,model=gpt-5,meter=input --times 0.5 --json'.split(' '),
    )
    expectDocumentedShape('prices-what-if', JSON.parse(defined.stdout))
    expect([await spend('half'), await spend()]).toEqual(['0.625', '1.25'])
    await prices(...'what-if as-batch --as-tier batch'.split(' '))
    expect(await spend('as-batch')).toBe('0.625')
    expect((await prices('what-if')).stdout).toMatch(/^as-batch .*\nhalf /)
    await prices('what-if', 'half', '--drop')
    expect(await spend('half')).toBeNull()
  })
})
