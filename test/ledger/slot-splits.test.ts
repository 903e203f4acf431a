import { addSlotSplit } from '@outlay/clickhouse'
import { addToList, compileOverlay } from '@outlay/pricing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { readCosts, readEntries, readPairSums, readSums, sendCalls } from '../harness/cut-calls.ts'
import type { CallShape } from '../harness/otlp-spans.ts'
import { type Outcome, runOutlay, writerOf } from '../harness/run-outlay.ts'
import { startTestCollector } from '../harness/test-collector.ts'
import { changeBook, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const PROVIDERS = ['openai', 'deepseek', 'anthropic']

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 4 })
})
afterAll(() => ledger.close())

const SPLIT = { provider: 'openai', model: 'gpt-5', at: seconds('2026-09-14T04:10:00Z') }
const WINDOW = { from_time: seconds('2026-09-01'), to_time: seconds('2026-10-01') }
const call = (tenant: string, time: string, model = 'gpt-5'): CallShape => ({
  tenant,
  at: `2026-09-14T${time}Z`,
  inputTokens: 1_000_000,
  model,
})
/** Around the cut, at the ends of its slot, and under other names. */
const CALLS: readonly CallShape[] = [
  call('first', '04:00:00.000'),
  call('before', '04:09:59.999'),
  call('at', '04:10:00.000'),
  call('last', '04:29:59.999'),
  call('after', '04:30:00.000'),
  call('snapshot', '04:10:00.000', 'gpt-5-2025-08-07'),
  call('another', '04:10:00.000', 'gpt-5-mini'),
]

const costs = (database: string, book?: string) =>
  readCosts(ledger, database, { ...WINDOW, tenants: CALLS.map(({ tenant }) => tenant), ...(book ? { book } : {}) })

const add = (database: string, ...args: string[]): Promise<Outcome> =>
  runOutlay(['prices', 'add', ...args, '--reason', 'test', '--database', database, '--json'], writerOf(ledger))

const OVERLAY = `format: outlay-prices/1
edition: 2026-11-21
currency: USD
sources: {page: {url: "https://example.com", checked_at: 2026-11-21}}
models:
- provider: openai
  model: gpt-5
  sheets:
  - {tier: standard, src: page, grade: A, from: "2026-09-14T04:10:00Z", cells: {input: "2.50"}}
`

/** Half a minute where nothing else runs: every change of the book is followed by the whole ledger. */
const SLOW_MS = 240_000

test(
  'a cut inside a slot changes no price, and then carries a price change on its instant',
  async () => {
    const database = await ledger.createDatabase(PROVIDERS)
    const running = await startTestCollector(ledger, database)
    const importOverlay = () =>
      changeBook(ledger, database, ({ recorded, latest }) =>
        addToList(recorded, latest, compileOverlay({ file: 'overlay.yaml', text: OVERLAY }, recorded)),
      )
    try {
      await sendCalls(running, 1, CALLS)
      const before = await costs(database)
      const edge = 'openai/gpt-5@2026-09-14T04:10:00Z'
      await expect(importOverlay()).rejects.toThrow(
        `E_OFF_SLOT 2026-09-14T04:10:00Z lies inside a 30-minute slot. outlay prices add --slot-edge '${edge}'`,
      )

      const added = await add(database, '--slot-edge', edge)
      expect(added).toMatchObject({ code: 0 })
      expectDocumentedShape('prices-edge', JSON.parse(added.stdout))
      expect(JSON.parse(added.stdout)).toEqual({ outcome: 'added', moved: 3, waiting: [] })
      await running.collector.settled()
      expect(await costs(database)).toEqual(before)

      await importOverlay()
      await running.collector.settled()
      // A million input tokens at 2.50 instead of 1.25, and 100 output tokens at 10.
      const dearer = Array(3).fill('2.501')
      expect(before).toMatchObject({ before: Array(3).fill('1.251'), at: Array(3).fill('1.251') })
      expect(await costs(database)).toEqual({ ...before, at: dearer, last: dearer, after: dearer, snapshot: dearer })
      expect(await costs(database, 'r1')).toEqual(before)
      for (const book of ['r1', 'r2']) {
        expect(await readPairSums(ledger, database, { ...WINDOW, book })).toEqual([0n, 0n, 0n])
      }
      const again = await add(database, '--slot-edge', edge)
      expect(JSON.parse(again.stdout)).toEqual({ outcome: 'unchanged', moved: 0, waiting: [] })
    } finally {
      await running.close()
    }
  },
  SLOW_MS,
)

test('a ledger with a cut is as if the cut had been there from the start, whatever instants are cut in whichever order', async () => {
  const [fresh, grown] = [await ledger.createDatabase(PROVIDERS), await ledger.createDatabase(PROVIDERS)]
  const cut = (database: string, minute: string) =>
    addSlotSplit(ledger.client, database, {
      ...SPLIT,
      at: seconds(`2026-09-14T04:${minute}:00Z`),
      author: 'test',
      reason: 'test',
      atMs: Date.now(),
    })
  for (const minute of ['05', '10']) await cut(fresh, minute)
  const [first, second] = [await startTestCollector(ledger, fresh), await startTestCollector(ledger, grown)]
  try {
    const later = CALLS.map((shape) => ({ ...shape, tenant: `${shape.tenant}-later` }))
    await sendCalls(first, 1, [...CALLS, ...later])
    await sendCalls(second, 1, CALLS)
    await cut(grown, '10')
    await sendCalls(second, CALLS.length + 1, later)
    await cut(grown, '05')
    await expect.poll(() => readSums(ledger, grown), { timeout: 10_000 }).toEqual(await readSums(ledger, fresh))
    const slots = (await readEntries(ledger, fresh)).map(({ tenant, price_slot }) => [tenant, price_slot] as const)
    expect(Object.fromEntries(slots)).toMatchObject({
      first: seconds('2026-09-14T04:00:00Z'),
      before: seconds('2026-09-14T04:05:00Z'),
      at: SPLIT.at,
      snapshot: SPLIT.at,
      another: seconds('2026-09-14T04:00:00Z'),
    })
  } finally {
    await Promise.all([first.close(), second.close()])
  }
})

test.each([
  [['--slot-edge', 'gpt-5@2026-09-14T04:10:00Z'], 2, /provider\/raw-model@time/],
  [['--slot-edge', 'openai/gpt-5@2026-09-14T04:10:00.5Z'], 2, /whole seconds/],
  [['--slot-edge', 'openai/gpt-5@yesterday'], 2, /E_TIME/],
  [['--slot-edge', 'openai/gpt-5@2026-09-14', '--edge', '5', '--from', '2026-09-14'], 2, /one of them/],
])('refuses %j with what is wrong', async (args, code, message) => {
  const refused = await add('outlay', ...args)
  expect(refused.code).toBe(code)
  expect(refused.stderr).toMatch(message)
})

test('an edge of a slot needs no cut', async () => {
  const answer = await add(await ledger.createDatabase(PROVIDERS), '--slot-edge', 'openai/gpt-5@2026-09-14T04:30:00Z')
  expect(answer.code).toBe(0)
  expect(JSON.parse(answer.stdout)).toMatchObject({ outcome: 'unchanged' })
})
