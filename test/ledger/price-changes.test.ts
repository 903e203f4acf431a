import { readBookHistory } from '@outlay/clickhouse'
import { addToList, cellsOnSheets, OPEN_END, type PriceRow, recordRevision } from '@outlay/pricing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeAdded } from '../../packages/clickhouse/src/prices/record-book.ts'
import { entriesFor } from '../harness/ledger-rows.ts'
import {
  addPrices,
  listedInput,
  loadPrices,
  postCalls,
  readView,
  seconds,
  startTestLedger,
  type TestLedger,
} from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  const spec = { id: 1, at: '2026-10-05T10:00:00Z', model: 'gpt-5', meters: { input: 1_000_000 } }
  await postCalls(ledger, database, entriesFor(ledger.book, [spec]), 'calls')
})
afterAll(() => ledger.close())

const inputAt = (price: string): PriceRow => {
  const listed = listedInput(ledger)
  const fusd = BigInt(price) * 1_000_000_000n
  return { ...listed, price, fusd, validFrom: seconds('2026-10-01'), validTo: OPEN_END }
}

const spend = async (): Promise<string | null | undefined> => {
  await loadPrices(ledger, database)
  const window = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
  const [row] = await readView<{ spend_usd: string | null }>(ledger, database, 'kpi_headline', window)
  return row?.spend_usd
}

describe('a change of the price book', () => {
  test('that died before its revision was applied is visible to nobody, and the next one does not bring it to life', async () => {
    const { recorded, latest, nextRevision } = await readBookHistory(ledger.client, database, ledger.book)
    const { book, local } = addToList(recorded, latest, cellsOnSheets(recorded, latest, [inputAt('7')]))
    const after = recordRevision(recorded, book, nextRevision, local)
    await writeAdded({ client: ledger.client, database, atMs: Date.now(), token: 'died' }, after, nextRevision)
    expect(await spend()).toBe('1.25')

    const next = await addPrices(ledger, database, [inputAt('3')])
    expect(next).toBeGreaterThan(nextRevision)
    expect(await spend()).toBe('3')
  })

  test('runs alone: of two at once one is recorded and the other is told to try again', async () => {
    const outcomes = await Promise.allSettled([
      addPrices(ledger, database, [inputAt('4')]),
      addPrices(ledger, database, [inputAt('5')]),
    ])
    const recorded = outcomes.filter(({ status }) => status === 'fulfilled')
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(recorded).toHaveLength(1)
    expect(refused).toEqual([expect.objectContaining({ code: 'E_PRICE_BOOK_BUSY' })])
    expect(['4', '5']).toContain(await spend())
    await addPrices(ledger, database, [inputAt('6')])
    expect(await spend()).toBe('6')
  })

  test('that is refused leaves no lock, no row and no revision behind', async () => {
    const before = await readBookHistory(ledger.client, database, ledger.book)
    await expect(addPrices(ledger, database, [{ ...inputAt('9'), fusd: 1n }])).rejects.toThrow(/E_DERIVED/)
    const now = await readBookHistory(ledger.client, database, ledger.book)
    expect([now.nextRevision, now.recorded.rows.length]).toEqual([before.nextRevision, before.recorded.rows.length])
    expect(await spend()).toBe('6')
  })
})
