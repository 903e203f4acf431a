import { pinnedBookName } from '@outlay/clickhouse'
import { OPEN_END, type PriceRow } from '@outlay/pricing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
  ledger = await startTestLedger({ databases: 2 })
  database = await ledger.createDatabase()
})
afterAll(() => ledger.close())

const WINDOW = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
const AS_OF = { as_of: seconds('2026-11-01') }

/** Every figure of a book, as the views print it. */
const printed = async (book: string): Promise<string> =>
  JSON.stringify(
    await Promise.all([
      readView(ledger, database, 'kpi_task_cost', { ...WINDOW, book }),
      readView(ledger, database, 'kpi_user_cost', { ...AS_OF, book }),
      readView(ledger, database, 'kpi_tenant_cost', { ...AS_OF, book }),
      readView(ledger, database, 'kpi_tier_utilization', { ...AS_OF, book }),
      readView(ledger, database, 'kpi_overage_rate', { ...AS_OF, book }),
      readView(ledger, database, 'kpi_degradation_rate', { ...AS_OF, book }),
      readView(ledger, database, 'kpi_feature_totals', { ...WINDOW, book }),
      readView(ledger, database, 'kpi_cost_to_revenue', { ...AS_OF, book }),
    ]),
  )

describe('a report that names a revision', () => {
  test('is byte-identical after later corrections, while the current book moves', async () => {
    const at = '2026-10-05T10:00:00Z'
    await postCalls(
      ledger,
      database,
      entriesFor(ledger.book, [{ id: 1, at, model: 'gpt-5', meters: { input: 1_000, output: 100 } }]),
      'calls',
    )
    const first = await printed(pinnedBookName(1))
    expect(await printed('current')).toBe(first)

    const listed = listedInput(ledger)
    const correction: PriceRow = {
      ...listed,
      price: '2.5',
      fusd: 2_500_000_000n,
      validFrom: seconds('2026-10-01'),
      validTo: OPEN_END,
    }
    const revision = await addPrices(ledger, database, [correction])
    await loadPrices(ledger, database)

    expect(await printed(pinnedBookName(1))).toBe(first)
    const corrected = await printed(pinnedBookName(revision))
    expect(corrected).not.toBe(first)
    expect(await printed('current')).toBe(corrected)
  })

  test('a book that does not exist prices nothing, and says so', async () => {
    const [row] = await readView<{ cost_usd: string | null; unpriced_calls: string }>(
      ledger,
      database,
      'kpi_task_cost',
      { ...WINDOW, book: 'r99' },
    )
    expect(row).toMatchObject({ cost_usd: null, unpriced_calls: '1' })
  })
})

describe('the edges of a price window', () => {
  test('the last instant before a change and the first instant of it are told apart in every view', async () => {
    const edges = await ledger.createDatabase()
    // claude-sonnet-5-5: cache read 0.20 until 2026-10-07, 0.10 from then on. gpt-6.1-sol doubles above 272,000 tokens.
    const rows = entriesFor(ledger.book, [
      {
        id: 1,
        at: '2026-10-06T23:59:59.999Z',
        provider: 'anthropic',
        model: 'claude-sonnet-5-5',
        meters: { cache_read: 1_000_000 },
        attribution: { feature: 'before', task: 'a' },
      },
      {
        id: 2,
        at: '2026-10-07T00:00:00.000Z',
        provider: 'anthropic',
        model: 'claude-sonnet-5-5',
        meters: { cache_read: 1_000_000 },
        attribution: { feature: 'after', task: 'b' },
      },
      {
        id: 3,
        at: '2026-10-10T00:00:00Z',
        model: 'gpt-6.1-sol',
        meters: { input: 272_000 },
        attribution: { feature: 'short', task: 'c' },
      },
      {
        id: 4,
        at: '2026-10-10T00:00:00Z',
        model: 'gpt-6.1-sol',
        meters: { input: 272_001 },
        attribution: { feature: 'long', task: 'd' },
      },
      // DeepSeek's peak: Monday 01:00 to 04:00 UTC.
      {
        id: 5,
        at: '2026-10-12T00:59:59Z',
        provider: 'deepseek',
        model: 'deepseek-flash',
        meters: { input: 1_000_000 },
        attribution: { feature: 'offpeak', task: 'e' },
      },
      {
        id: 6,
        at: '2026-10-12T01:00:00Z',
        provider: 'deepseek',
        model: 'deepseek-flash',
        meters: { input: 1_000_000 },
        attribution: { feature: 'peak', task: 'f' },
      },
    ])
    await postCalls(ledger, edges, rows, 'edges')
    const wanted = { before: '0.2', after: '0.1', short: '0.544', long: '1.088004', offpeak: '0.15', peak: '0.3' }
    const byFeature = async (name: 'kpi_task_cost' | 'kpi_feature_concentration'): Promise<Record<string, unknown>> => {
      const found = await readView<{ key: string; cost_usd: string }>(ledger, edges, name, { ...WINDOW, by: 'feature' })
      return Object.fromEntries(found.map(({ key, cost_usd }) => [key, cost_usd]))
    }
    expect(await byFeature('kpi_task_cost')).toEqual(wanted)
    expect(await byFeature('kpi_feature_concentration')).toEqual(wanted)
    for (const [feature, usd] of Object.entries(wanted)) {
      const only = { features: [feature] }
      const [user] = await readView<{ month_usd: string }>(ledger, edges, 'kpi_user_cost', { ...AS_OF, ...only })
      const [tenant] = await readView<{ month_usd: string }>(ledger, edges, 'kpi_tenant_cost', { ...AS_OF, ...only })
      const [revenue] = await readView<{ cost_usd: string }>(ledger, edges, 'kpi_cost_to_revenue', {
        ...AS_OF,
        ...only,
      })
      expect([feature, user?.month_usd, tenant?.month_usd, revenue?.cost_usd]).toEqual([feature, usd, usd, usd])
    }
  })
})
