import { GEN_AI, OUTLAY } from '@outlay/semconv'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MadeUpSpan, otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { startTestCollector } from '../harness/test-collector.ts'
import { readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
})
afterAll(() => ledger.close())

/** 1,000 input and 100 output tokens of gpt-5, 2,250 millionths of a dollar. */
const call = (trace: number, span: number, parent?: number): MadeUpSpan => ({
  ...ownCall(trace, span),
  ...(parent === undefined ? {} : { parent }),
  attributes: { ...ownCall(trace, span).attributes, [OUTLAY.TASK_ID]: `task-${trace}` },
})
/** A sum over a run, which is billed as long as no call of it is known. */
const agent = (trace: number, span: number): MadeUpSpan => ({
  ...call(trace, span),
  scope: 'an agent framework',
  attributes: {
    ...call(trace, span).attributes,
    [GEN_AI.OPERATION_NAME]: 'invoke_agent',
    [OUTLAY.USAGE_RAW]: JSON.stringify({ prompt_tokens: 4_000, completion_tokens: 100, total_tokens: 4_100 }),
  },
})

interface Spend {
  readonly key: string
  readonly calls: string
  readonly spend_usd: string | null
}

const openSpend = async (): Promise<(readonly (string | null)[])[]> => {
  const rows = await readView<Spend>(ledger, database, 'kpi_open_spend', {
    by: 'task',
    tenants: ['*'],
    book: 'current',
  })
  return rows
    .map(({ key, calls, spend_usd }) => [key, calls, spend_usd])
    .toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))
}

/** Millionths of a dollar. */
const ledgerSpend = async (): Promise<number> => {
  const window = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
  const [row] = await readView<{ spend_usd: string }>(ledger, database, 'kpi_headline', { ...window, book: 'current' })
  return Math.round(Number(row?.spend_usd) * 1e6)
}

const POLL = { timeout: 20_000, interval: 50 }

test('open traces are shown as they stand, leave when they are settled, and change the ledger by what was shown', async () => {
  using directory = tempDir()
  const settings = { directory, openTraceShownEveryMs: 20 }
  // A first call makes the price of its model known.
  const first = await startTestCollector(ledger, database, settings)
  await sendRequest(first.collector.url, otlpRequest([agent(1, 1), call(2, 2)]))
  await first.collector.settled()
  await first.close()
  expect(await openSpend()).toEqual([])
  const before = await ledgerSpend()

  const patient = await startTestCollector(ledger, database, { ...settings, quietPeriodMs: 600_000 })
  await sendRequest(patient.collector.url, otlpRequest([call(3, 3)]))
  await expect.poll(openSpend, POLL).toEqual([['task-3', '1', '0.00225']])
  await sendRequest(patient.collector.url, otlpRequest([call(3, 4)]))
  // The call below the promoted sum of the first trace takes its place: 6 thousandths less, 2.25 more.
  await sendRequest(patient.collector.url, otlpRequest([call(1, 5, 1)]))
  await expect.poll(openSpend, POLL).toEqual([
    ['task-1', '0', '-0.00375'],
    ['task-3', '2', '0.0045'],
  ])
  expect(await ledgerSpend()).toBe(before)
  await patient.close()

  // The next run does not remember what the last one showed, and takes it back all the same.
  const last = await startTestCollector(ledger, database, settings)
  await last.collector.settled()
  expect(await openSpend()).toEqual([])
  expect((await ledgerSpend()) - before).toBe(750)
  await last.close()
})
