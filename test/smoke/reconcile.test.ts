import { writeFileSync } from 'node:fs'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { fillLedger } from '../harness/reconciled-ledger.ts'
import { NO_LEDGER, type Outcome, readerOf, runOutlay } from '../harness/run-outlay.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const fixtures = 'test/ledger/fixtures/reconcile'
const costs = `${fixtures}/openai-costs.json`

let ledger: TestLedger
let database: string
let directory: TempDir

beforeAll(async () => {
  directory = tempDir()
  ledger = await startTestLedger()
  database = await ledger.createDatabase()
  await fillLedger({ ledger, database })
})
afterAll(async () => {
  await ledger.close()
  directory.remove()
})

const reconcile = (args: readonly string[], env = readerOf(ledger)): Promise<Outcome> =>
  runOutlay(['reconcile', '--database', database, ...args], env)

const saved = (name: string, text: string): string => {
  const path = `${directory.path}/${name}`
  writeFileSync(path, text)
  return path
}

describe('outlay reconcile', () => {
  test('compares several files and exits 0 when both sides agree', async () => {
    const { code, stdout } = await reconcile([
      '--provider',
      'openai',
      '--file',
      `${fixtures}/openai-usage.csv`,
      '--file',
      costs,
      '--json',
    ])
    expect(code).toBe(0)
    expectDocumentedShape('reconcile', JSON.parse(stdout))
    expect(JSON.parse(stdout)).toMatchObject({
      book: 'current',
      revision: 1,
      from: '2026-11-03',
      to: '2026-11-04',
      within_goal: true,
      findings: [],
    })
  })

  test('exits 1 and lists by size what is unexplained above the goal', async () => {
    const day = { start_time: 1_793_664_000, end_time: 1_793_750_400 }
    const line = {
      object: 'organization.costs.result',
      line_item: 'Fine-tuning',
      amount: { value: 7, currency: 'usd' },
    }
    const extra = saved('extra.json', JSON.stringify([{ ...day, results: [line] }]))
    const { code, stdout } = await reconcile(['--provider', 'openai', '--file', costs, extra])
    expect(code).toBe(1)
    expect(stdout).toMatch(/2026-11 .*MISSED/)
    expect(stdout).toMatch(/Unexplained, largest first\n.*\n2026-11-03.*\+\$7\.00 {2}Fine-tuning -> /)
  })

  test.each([
    [['--provider', 'azure'], /'--provider <name>' argument 'azure' is invalid/],
    [['--file', costs], /'--provider <name>' not specified/],
    [['--provider', 'openai'], /'--file <path...>' not specified/],
    [['--provider', 'openai', '--file', 'no-such-file.json'], /E_FILE: .*no-such-file.json/],
    [['--provider', 'openai', '--file', costs, '--goal', '0.25'], /E_DECIMAL/],
    [['--provider', 'openai', '--file', costs, '--goal', '101'], /E_DECIMAL: .*--goal/],
    [['--provider', 'openai', '--file', costs, '--book', 'r9'], /E_BOOK: .*want current, r1/],
  ])('refuses %j with exit 2', async (args, message) => {
    const { code, stdout, stderr } = await reconcile(args)
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  })

  test('refuses an export with exit 2 and says every file and line that is wrong', async () => {
    const usage = saved('usage.csv', 'usage_date_utc,usage_output_tokens\n2026-11-03,12\n2026-11-03,twelve\n')
    const cut = saved('cost.json', '{"data":[],"has_more":true,"next_page":"x"}')
    const { code, stderr } = await reconcile(['--provider', 'anthropic', '--file', usage, '--file', cut])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^E_PROVIDER_EXPORT: /)
    expect(stderr).toContain(`${usage} line 3`)
    expect(stderr).toContain(`${cut} has_more: the export stops before its last page`)
  })

  test('says with exit 3 that no ledger answers', async () => {
    const { code, stderr } = await reconcile(['--provider', 'openai', '--file', costs], NO_LEDGER)
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/^E_UNREACHABLE/) })
  })
})
