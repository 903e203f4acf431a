import { addBandEdge, readLedgerTables } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import { addToList, compileOverlay } from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { readCosts, readEntries, readPairSums, readSums, sendCalls } from '../harness/cut-calls.ts'
import { type CallShape, otlpRequest, sendRequest, shapedCall } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { type Outcome, writerOf } from '../harness/run-outlay.ts'
import { startTestCollector } from '../harness/test-collector.ts'
import { changeBook, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const PROVIDERS = ['openai', 'deepseek', 'anthropic']

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 5 })
})
afterAll(() => ledger.close())

const EDGE = { tokens: 150_000, activeFrom: seconds('2026-09-01'), author: 'test', reason: 'test' }
const WINDOW = { from_time: seconds('2026-08-01'), to_time: seconds('2026-11-01') }

/** Around the new edge in tokens and in time, and on both sides of one that was always there. */
const CALLS: readonly CallShape[] = [
  { tenant: 'under', at: '2026-09-01T00:00:00.000Z', inputTokens: 149_999 },
  { tenant: 'at', at: '2026-09-01T00:00:00.000Z', inputTokens: 150_000 },
  { tenant: 'over', at: '2026-09-01T00:00:00.000Z', inputTokens: 150_001 },
  { tenant: 'early', at: '2026-08-31T23:59:59.999Z', inputTokens: 150_001 },
  { tenant: 'long', at: '2026-10-05T10:00:00.000Z', inputTokens: 272_001, model: 'gpt-6.1-sol' },
  { tenant: 'short', at: '2026-10-05T10:00:00.000Z', inputTokens: 180_000, model: 'gpt-6.1-sol' },
]

const costs = (database: string, book?: string) =>
  readCosts(ledger, database, { ...WINDOW, tenants: CALLS.map(({ tenant }) => tenant), ...(book ? { book } : {}) })

const add = (database: string, ...args: string[]): Promise<Outcome> =>
  runProgram(['prices', 'add', ...args, '--reason', 'test', '--database', database, '--json'], writerOf(ledger))

const OVERLAY = `format: outlay-prices/1
edition: 2026-11-21
currency: USD
sources: {page: {url: "https://example.com", checked_at: 2026-11-21}}
models:
- provider: openai
  model: gpt-5
  sheets:
  - {tier: standard, src: page, grade: A, from: "2026-09-01", gt: [150000], cells: {input: ["1.25", "2.50"], output: "10"}}
`

const importOverlay = (database: string): Promise<number> =>
  changeBook(ledger, database, ({ recorded, latest }) =>
    addToList(recorded, latest, compileOverlay({ file: 'overlay.yaml', text: OVERLAY }, recorded)),
  )

test('a new edge changes no price, and then carries a threshold that prices one token around it', async () => {
  const database = await ledger.createDatabase(PROVIDERS)
  const running = await startTestCollector(ledger, database)
  try {
    await sendCalls(running, 1, CALLS)
    const before = await costs(database)
    await expect(importOverlay(database)).rejects.toThrow(/E_NOT_AN_EDGE .*--edge 150000 --from 2026-09-01/)

    const added = await add(database, '--edge', '150000', '--from', '2026-09-01')
    expect(added).toMatchObject({ code: 0 })
    expectDocumentedShape('prices-edge', JSON.parse(added.stdout))
    // Of the six calls, those above 150,000 tokens and under the next edge, from September on.
    expect(JSON.parse(added.stdout)).toEqual({ outcome: 'added', moved: 2, waiting: [] })
    await running.collector.settled()
    expect(await costs(database)).toEqual(before)
    expect(await costs(database, 'r1')).toEqual(before)

    await importOverlay(database)
    await running.collector.settled()
    const after = await costs(database)
    for (const book of ['current', 'r1', 'r2'])
      expect(await readPairSums(ledger, database, { ...WINDOW, book })).toEqual([0n, 0n])
    expect(await costs(database, 'r1')).toEqual(before)
    expect(after).toEqual({
      ...before,
      // 150,001 × 2.50 and 100 × 10 per million; one token less stays at 1.25.
      over: Array(3).fill('0.3760025'),
    })
    expect(JSON.parse((await add(database, '--edge', '150000', '--from', '2026-09-01')).stdout)).toEqual({
      outcome: 'unchanged',
      moved: 0,
      waiting: [],
    })
  } finally {
    await running.close()
  }
})

describe('after a new edge', () => {
  test('a ledger is as if the edge had been there from the start, and a late span of a moved call posts nothing', async () => {
    const [fresh, grown] = [await ledger.createDatabase(PROVIDERS), await ledger.createDatabase(PROVIDERS)]
    await addBandEdge(ledger.client, fresh, ledger.book, { ...EDGE, atMs: Date.now() })
    const [first, second] = [await startTestCollector(ledger, fresh), await startTestCollector(ledger, grown)]
    try {
      const later = CALLS.map((call) => ({ ...call, at: call.at.replace('T1', 'T2') }))
      await sendCalls(first, 1, [...CALLS, ...later])
      await sendCalls(second, 1, CALLS)
      await addBandEdge(ledger.client, grown, ledger.book, { ...EDGE, atMs: Date.now() })
      await sendCalls(second, CALLS.length + 1, later)
      await expect.poll(() => readSums(ledger, grown), { timeout: 10_000 }).toEqual(await readSums(ledger, fresh))

      const entries = await readEntries(ledger, grown)
      const moved = entries.filter(({ reason }) => reason === 'refold')
      expect(moved.map(({ sign }) => sign).toSorted((a, b) => a - b)).toEqual([-1, -1, 1, 1])
      for (const reversal of moved.filter(({ sign }) => sign < 0)) {
        const charge = entries.find(({ entry_id }) => entry_id === reversal.reverses)
        const { prompt_band, price_slot, sku, input } = charge ?? {}
        expect(reversal).toMatchObject({ prompt_band, price_slot, sku, input })
      }
      const moving = moved.find(({ sign }) => sign > 0)
      const late = {
        ...shapedCall(Number.parseInt(moving?.trace_id ?? '', 16), CALLS[0] as CallShape),
        span: 999,
        name: 'run',
        kind: 1,
        attributes: { 'gen_ai.operation.name': 'invoke_agent' },
      }
      expect(await sendRequest(second.collector.url, otlpRequest([late]))).toBe(true)
      await second.collector.settled()
      expect(await readEntries(ledger, grown)).toHaveLength(entries.length)
    } finally {
      await Promise.all([first.close(), second.close()])
    }
  })

  test('calls of a log whose collector is away are named, and are moved when it comes back', async () => {
    const database = await ledger.createDatabase(PROVIDERS)
    using directory = tempDir()
    const running = await startTestCollector(ledger, database, { directory })
    await sendCalls(running, 1, CALLS)
    await running.close()
    const waited = await add(database, '--edge', '150000', '--from', '2026-09-01', '--timeout', '0')
    const [log] = new Set((await readEntries(ledger, database)).map(({ wal_id }) => wal_id))
    expect(waited.code).toBe(3)
    expect(JSON.parse(waited.stdout)).toEqual({ outcome: 'added', moved: 0, waiting: [{ log, calls: 2 }] })

    // Until then a price with that threshold would be wrong for them, and is refused.
    await expect(importOverlay(database)).rejects.toThrow(`2 calls of log ${log}`)

    const other = await startTestCollector(ledger, database)
    await sendCalls(other, 100, [CALLS[0] as CallShape])
    await other.close()
    expect((await readEntries(ledger, database)).filter(({ reason }) => reason === 'refold')).toEqual([])

    const back = await startTestCollector(ledger, database, { directory })
    try {
      const again = await add(database, '--edge', '150000', '--from', '2026-09-01')
      expect(again.code).toBe(0)
      expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'unchanged', waiting: [] })
      expect((await readEntries(ledger, database)).filter(({ reason }) => reason === 'refold')).toHaveLength(4)
      expect(await importOverlay(database)).toBe(2)
    } finally {
      await back.close()
    }
  })
})

test('an edge is found again, may be made to hold from an earlier time on, and only so many fit', async () => {
  const database = await ledger.createDatabase(PROVIDERS)
  const append = (tokens: number, from: string) =>
    addBandEdge(ledger.client, database, ledger.book, {
      ...EDGE,
      tokens,
      activeFrom: seconds(from),
      atMs: Date.now(),
    })
  expect(await append(272_000, '2020-01-01')).toBe('unchanged')
  expect(await append(150_000, '2026-09-01')).toBe('added')
  expect(await append(150_000, '2026-10-01')).toBe('unchanged')
  expect(await append(150_000, '2026-08-01')).toBe('added')
  const { bandEdges, edgesActiveFrom } = await readLedgerTables(ledger.client, database, ledger.book)
  expect(bandEdges).toEqual([...ledger.book.bandEdges, 150_000])
  expect(edgesActiveFrom.at(-1)).toBe(seconds('2026-08-01'))

  const missing = Array.from({ length: limits.bandEdgesMax - bandEdges.length }, (_, index) => index)
  await ledger.client.insert({
    table: `${database}.band_edges`,
    values: missing.map((n) => ({ index: bandEdges.length + n, tokens: 2_000_000 + n, active_from: 0 })),
    format: 'JSONEachRow',
  })
  expect(await append(1_999_998, '2026-09-01')).toBe('added')
  await expect(append(1_999_999, '2026-09-01')).rejects.toThrow(/E_EDGES_FULL|no more edges fit/)
})

test.each([
  [['--edge', '150000'], /--from/],
  [['--edge', '150000', '--from', '2026-09-01T00:10:00Z'], /E_OFF_SLOT/],
  [['--edge', '1.5', '--from', '2026-09-01'], /E_NUMBER/],
  [['--price', '1'], /--provider, --model/],
])('refuses %j with what is wrong', async (args, message) => {
  const { code, stderr } = await add('outlay', ...args)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
})
