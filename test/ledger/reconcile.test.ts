/** The command against a real ledger: every cause that it can find, exact to the last digit, and its exit codes. */
import { writeFileSync } from 'node:fs'
import { OUTLAY } from '@outlay/semconv'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { readStored } from '../harness/conservation.ts'
import { type MadeUpCost, type MadeUpUsage, openAiCosts, openAiUsage } from '../harness/openai-exports.ts'
import { fillLedger, fillRevisedLedger, OLDER, SOL_RAW } from '../harness/reconciled-ledger.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { type Outcome, readerOf } from '../harness/run-outlay.ts'
import { startTestCollector } from '../harness/test-collector.ts'
import { readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const HOUR_MS = 3_600_000
const POLL_TIMEOUT_MS = 20_000

interface Finding {
  readonly cause: string
  readonly day: string
  readonly units: string | null
  readonly usd: string
  readonly rows: readonly string[]
}
interface Answer {
  readonly totals: { readonly theirs: string; readonly ours: string; readonly difference: string }
  readonly findings: readonly Finding[]
  readonly account: readonly { readonly label: string; readonly ours: string; readonly theirs: string }[]
  readonly within_goal: boolean
}

let ledger: TestLedger
let database: string
let revised: string
let directory: TempDir

const fixture = (name: string): string => `${import.meta.dirname}/fixtures/reconcile/${name}`

const run = (
  args: readonly string[],
  { provider = 'openai', name = database }: { readonly provider?: string; readonly name?: string } = {},
): Promise<Outcome> => runProgram(['reconcile', '--provider', provider, '--database', name, ...args], readerOf(ledger))

interface Exported {
  readonly usage: readonly MadeUpUsage[]
  readonly costs?: readonly MadeUpCost[]
}

/** Runs the command on made-up OpenAI exports; the answer is held to its documented shape. */
const reconcile = async (
  { usage, costs = [] }: Exported,
  { args = [], name = database }: { readonly args?: readonly string[]; readonly name?: string } = {},
): Promise<Answer & { readonly code: number; readonly causes: readonly (readonly string[])[] }> => {
  const files = [openAiUsage(usage), ...(costs.length > 0 ? [openAiCosts(costs)] : [])].map((file) => {
    const path = `${directory.path}/${file.name}`
    writeFileSync(path, file.text)
    return ['--file', path]
  })
  const { code, stdout, stderr } = await run([...files.flat(), ...args, '--json'], { name })
  expect(stderr).toBe('')
  const answer = JSON.parse(stdout) as Answer
  expectDocumentedShape('reconcile', answer)
  const causes = answer.findings.map(({ cause, day, units, usd }) => [cause, day, units ?? '', usd])
  return { ...answer, code, causes }
}

beforeAll(async () => {
  directory = tempDir()
  ledger = await startTestLedger({ databases: 3 })
  ;[database, revised] = await Promise.all([ledger.createDatabase(), ledger.createDatabase()])
  await fillLedger({ ledger, database })
  await fillRevisedLedger({ ledger, database: revised })
})
afterAll(async () => {
  await ledger.close()
  directory.remove()
})

describe('exports that agree with the ledger', () => {
  test.each([
    ['OpenAI, JSON', 'openai', ['openai-usage.json', 'openai-costs.json'], '2.1463905'],
    ['OpenAI, CSV', 'openai', ['openai-usage.csv', 'openai-costs.csv'], '2.1463905'],
    ['Anthropic, JSON', 'anthropic', ['anthropic-usage.json', 'anthropic-cost.json'], '4.251588'],
  ])('%s: no difference, to the last digit, and exit 0', async (_, provider, names, total) => {
    const files = names.flatMap((name) => ['--file', fixture(name)])
    const { code, stdout, stderr } = await run([...files, '--json'], { provider })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const answer = JSON.parse(stdout) as Answer
    expectDocumentedShape('reconcile', answer)
    expect(answer.findings).toEqual([])
    expect(answer.totals).toMatchObject({ theirs: total, ours: total, difference: '0' })
    const text = await run(files, { provider })
    expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining('Both sides agree to the last unit.') })
    expect(text.stdout).toMatch(/Our prices: book current, revision 1/)
  })
})

describe('causes of another quantity', () => {
  const day = '2026-10-12'
  const input = (usd: string, at = day): MadeUpCost => ({ day: at, item: `${SOL_RAW}, input`, usd })

  test('late_or_other_day: what one day lacks the next one has', async () => {
    const { code, causes } = await reconcile({
      usage: [
        { day: '2026-10-03', model: SOL_RAW, input: 5000 },
        { day: '2026-10-04', model: SOL_RAW, input: 6000 },
      ],
      costs: [input('0.01', '2026-10-03'), input('0.012', '2026-10-04')],
    })
    expect(causes).toEqual([
      ['late_or_other_day', '2026-10-03', '-1000', '-0.002'],
      ['late_or_other_day', '2026-10-04', '1000', '0.002'],
    ])
    expect(code).toBe(0)
  })

  test('late_or_other_day: at the edge of an export only calls around midnight count, not all of the day before', async () => {
    const { code, causes } = await reconcile({
      usage: [{ day: '2026-10-08', model: SOL_RAW, input: 6700 }],
      costs: [input('0.0134', '2026-10-08')],
    })
    expect(causes).toEqual([
      ['late_or_other_day', '2026-10-08', '1000', '0.002'],
      ['unexplained', '2026-10-08', '700', '0.0014'],
    ])
    expect(code).toBe(1)
  })

  test('not_instrumented: a model that no span named', async () => {
    const { code, causes } = await reconcile({
      usage: [
        { day, model: SOL_RAW, input: 5000 },
        { day, model: 'gpt-5', input: 800 },
      ],
      costs: [input('0.01'), { day, item: 'gpt-5, input', usd: '0.001' }],
    })
    expect(causes).toEqual([['not_instrumented', day, '800', '0.001']])
    expect(code).toBe(0)
  })

  test('not_instrumented: a project that sends no spans, up to what it used', async () => {
    const exported: Exported = {
      usage: [
        { day, model: SOL_RAW, input: 5000 },
        { day, model: SOL_RAW, input: 900, project: 'proj_lab' },
      ],
      costs: [input('0.0118')],
    }
    expect(await reconcile(exported)).toMatchObject({ code: 1, causes: [['unexplained', day, '900', '0.0018']] })
    expect(await reconcile(exported, { args: ['--project', 'proj_web'] })).toMatchObject({
      code: 0,
      causes: [['not_instrumented', day, '900', '0.0018']],
    })
  })

  test('tier_unknown: calls without a tier stand under another tier at the provider', async () => {
    const at = '2026-10-16'
    const { code, causes } = await reconcile({
      usage: [
        { day: at, model: SOL_RAW, input: 5000 },
        { day: at, model: SOL_RAW, input: 1000, tier: 'priority' },
      ],
      costs: [input('0.01', at), { day: at, item: `priority | ${SOL_RAW}, input`, usd: '0.004' }],
    })
    expect(causes).toEqual([
      ['tier_unknown', at, '1000', '0.004'],
      ['tier_unknown', at, '-1000', '-0.002'],
    ])
    expect(code).toBe(0)
  })

  test('double_counted: two charges of one response id, up to all but the first', async () => {
    const at = '2026-10-20'
    const { code, causes } = await reconcile({
      usage: [{ day: at, model: SOL_RAW, input: 5900 }],
      costs: [input('0.0118', at)],
    })
    expect(causes).toEqual([
      ['double_counted', at, '-1000', '-0.002'],
      ['unexplained', at, '-100', '-0.0002'],
    ])
    expect(code).toBe(1)
  })

  test('retries_or_aborts: a second attempt, or a call without usage, may have cost once more', async () => {
    const retried = await reconcile({
      usage: [{ day: '2026-10-24', model: SOL_RAW, input: 7000 }],
      costs: [input('0.014', '2026-10-24')],
    })
    expect(retried).toMatchObject({ code: 0, causes: [['retries_or_aborts', '2026-10-24', '1000', '0.002']] })
    const aborted = await reconcile({
      usage: [{ day: '2026-10-25', model: SOL_RAW, input: 10_000 }],
      costs: [input('0.02', '2026-10-25')],
    })
    expect(aborted).toMatchObject({ code: 0, causes: [['retries_or_aborts', '2026-10-25', '5000', '0.01']] })
  })
})

describe('what is not in the ledger yet', () => {
  test('unsettled: traces that still wait, and calls in quarantine, up to what they used', async () => {
    const name = await ledger.createDatabase()
    const { attributes, ...span } = ownCall(1, 1)
    const { [OUTLAY.TENANT_ID]: _, ...unattributed } = attributes ?? {}
    const quick = await startTestCollector(ledger, name)
    expect(await sendRequest(quick.collector.url, otlpRequest([{ ...span, attributes: unattributed }]))).toBe(true)
    await quick.collector.settled()
    await quick.close()
    const patient = await startTestCollector(ledger, name, { quietPeriodMs: HOUR_MS })
    expect(await sendRequest(patient.collector.url, otlpRequest([ownCall(2, 2)]))).toBe(true)
    await expect.poll(async () => (await readStored(ledger, name)).spans.size, { timeout: POLL_TIMEOUT_MS }).toBe(2)

    // Both calls used 1,000 input and 100 output tokens; ten more of each are of nobody.
    const day = '2026-10-05'
    const { code, causes } = await reconcile({ usage: [{ day, model: 'gpt-5', input: 2010, output: 210 }] }, { name })
    await patient.close()
    expect(causes).toEqual([
      ['unsettled', day, '2000', '0.0025'],
      ['unsettled', day, '200', '0.002'],
      ['unexplained', day, '10', '0.0001'],
      ['unexplained', day, '10', '0.0000125'],
    ])
    expect(code).toBe(1)
  })
})

describe('causes of another price', () => {
  const day = '2026-10-28'
  /** 1,234,567 output tokens at 10 dollars per million are 12.34567 dollars. */
  const charged = (usd: string, more: readonly MadeUpCost[] = []): Exported => ({
    usage: [{ day, model: SOL_RAW, output: 1_234_567 }],
    costs: [{ day, item: `${SOL_RAW}, output`, usd }, ...more],
  })

  test('stale_price: the price before the change was charged, and its row is named', async () => {
    const at = '2026-08-25'
    const { code, causes, findings } = await reconcile({
      usage: [{ day: at, model: OLDER, output: 1_000_000 }],
      costs: [{ day: at, item: `${OLDER}, output`, usd: '30' }],
    })
    expect(causes).toEqual([['stale_price', at, '', '10']])
    expect(findings[0]?.rows).toEqual([
      expect.stringMatching(/^list · openai · gpt-5.6-sol · standard · output: 20 USD per 1000000 from 2026-08-21/),
      expect.stringMatching(/^list · openai · gpt-5.6-sol · standard · output: 30 USD per 1000000 .*to 2026-08-21/),
    ])
    expect(code).toBe(0)
  })

  test('stale_price: an earlier revision of the book said what was charged', async () => {
    const { code, causes, findings } = await reconcile(charged('12.34567'), { name: revised })
    expect(causes).toEqual([['stale_price', day, '', '-1.234567']])
    expect(findings[0]?.rows).toEqual([
      expect.stringContaining('output: 11 USD per 1000000 from 2026-09-29'),
      expect.stringMatching(/output: 10 USD per 1000000 .*\(book r1\)$/),
    ])
    expect(code).toBe(0)
    const pinned = await reconcile(charged('12.34567'), { name: revised, args: ['--book', 'r1'] })
    expect(pinned).toMatchObject({ code: 0, findings: [] })
  })

  test('contract: the row of another card gives what was charged', async () => {
    const { code, causes, findings } = await reconcile(charged('10.8641896'), { name: revised })
    expect(causes).toEqual([['contract', day, '', '-2.7160474']])
    expect(findings[0]?.rows.at(-1)).toMatch(/^tenant:globex · openai · gpt-6.1-sol · standard · output: 8.8 USD/)
    expect(code).toBe(0)
  })

  test('stale_price: a model without a price is no difference of 0', async () => {
    const at = '2026-11-12'
    const { code, causes, totals } = await reconcile({
      usage: [{ day: at, model: 'lab-preview-7', input: 5000 }],
      costs: [{ day: at, item: 'lab-preview-7, input', usd: '0.03' }],
    })
    expect(causes).toEqual([['stale_price', at, '', '0.03']])
    expect(totals).toMatchObject({ ours: '0', theirs: '0.03' })
    expect(code).toBe(0)
  })

  test('credit and tax: lines of the account, named and never spread over calls', async () => {
    const { code, causes } = await reconcile(
      charged('12.34567', [
        { day, item: 'Credit grant', usd: '-5' },
        { day, item: 'VAT 19%', usd: '1.3957' },
      ]),
    )
    expect(causes).toEqual([
      ['credit', day, '', '-5'],
      ['tax', day, '', '1.3957'],
    ])
    expect(code).toBe(0)
  })

  test('account charges that were entered are matched to their lines; of one key the one loaded last holds', async () => {
    const at = '2026-11-20'
    const { code, causes, account } = await reconcile(
      {
        usage: [{ day: at, model: SOL_RAW, output: 1_234_567 }],
        costs: [
          { day: at, item: `${SOL_RAW}, output`, usd: '11.580237' },
          { day: at, item: 'Vector store storage', usd: '1.375' },
          { day: at, item: 'november commitment', usd: '2' },
        ],
      },
      { name: revised },
    )
    expect(causes).toEqual([['free_allowance', at, '', '-2']])
    expect(account).toEqual([
      { period: '2026-11', label: 'November commitment', theirs: '2', ours: '2' },
      { period: at, label: 'Vector store storage', theirs: '1.375', ours: '1.375' },
    ])
    expect(code).toBe(0)
  })

  test('rounding: up to a cent per line', async () => {
    const { code, causes } = await reconcile(charged('12.35'))
    expect(causes).toEqual([['rounding', day, '', '0.00433']])
    expect(code).toBe(0)
  })

  test('unexplained: no cause gives the figure, and exit 1 unless the goal is that wide', async () => {
    const { code, causes, within_goal: within } = await reconcile(charged('12.52'))
    expect(causes).toEqual([['unexplained', day, '', '0.17433']])
    expect({ code, within }).toEqual({ code: 1, within: false })
    expect(await reconcile(charged('12.52'), { args: ['--goal', '1.4'] })).toMatchObject({ code: 0, within_goal: true })
  })
})

describe('the view behind it', () => {
  test('adds up to the ledger, and three prices of one day are three rows', async () => {
    const window = { from_time: seconds('2026-08-01'), to_time: seconds('2026-12-01') }
    interface Used {
      readonly day: string
      readonly meter: string
      readonly quantity: string
      readonly fusd: string | null
      readonly ninths: number
    }
    const used = await readView<Used>(ledger, revised, 'kpi_provider_usage', { ...window, provider: 'openai' })
    expect(used.filter(({ day }) => day === '2026-10-30')).toMatchObject([
      // A tenant with a contract is priced by it.
      { meter: 'output', quantity: '500', fusd: '9600000000' },
      { meter: 'output', quantity: '1000', fusd: '11000000000' },
      { meter: 'output', quantity: '2000', fusd: '12000000000' },
    ])
    const calls = await readView<{ subtotal_femto9: string }>(ledger, revised, 'call_cost', window)
    const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
    expect(
      sum(used.map(({ quantity, fusd, ninths }) => BigInt(quantity) * (9n * BigInt(fusd ?? 0) + BigInt(ninths)))),
    ).toBe(sum(calls.map(({ subtotal_femto9 }) => BigInt(subtotal_femto9))))
    expect(used.find(({ day }) => day === '2026-11-12')).toMatchObject({ fusd: null, quantity: '5000' })
  })
})
