import { createWindowLoader } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entriesFor } from '../harness/ledger-rows.ts'
import { postCalls, readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger()
})
afterAll(() => ledger.close())

const WINDOW = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }

describe('loading prices', () => {
  test('asked for by several at once, and by two collectors, ends with one whole book and no leftover table', async () => {
    const database = await ledger.createDatabase()
    const spec = { id: 1, at: '2026-10-05T10:00:00Z', model: 'gpt-5', meters: { input: 1_000_000 } }
    await postCalls(ledger, database, entriesFor(ledger.book, [spec]), 'calls')
    const loaderOf = () =>
      createWindowLoader({
        client: ledger.client,
        database,
        foldings: ledger.book.foldings,
        bandEdges: ledger.book.bandEdges,
        clock: systemClock,
      })
    const [one, other] = [loaderOf(), loaderOf()]
    const loads = await Promise.all([one.refresh(), one.refresh(), other.refresh(), one.refresh(), other.refresh()])
    expect(loads.filter((load) => load !== undefined)).toHaveLength(2)
    const [headline] = await readView<{ spend_usd: string }>(ledger, database, 'kpi_headline', WINDOW)
    expect(headline).toMatchObject({ spend_usd: '1.25' })
    const result = await ledger.client.query({
      query: `SELECT count() AS tables FROM system.tables WHERE database = '${database}' AND name LIKE 'price_window_rows_next_%'`,
      format: 'JSONEachRow',
    })
    expect(await result.json()).toEqual([{ tables: '0' }])
  })
})
