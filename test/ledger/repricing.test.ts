import type { CallRow } from '@outlay/clickhouse'
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

const WINDOW = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
const AS_OF = { as_of: seconds('2026-11-01') }
const SPECS = [
  { id: 1, at: '2026-10-05T10:00:00Z', model: 'gpt-5', meters: { input: 1_000, output: 100 } },
  { id: 2, at: '2026-10-20T10:00:00Z', model: 'gpt-5', meters: { input: 2_000, cache_read: 1_000, output: 300 } },
]

beforeAll(async () => {
  ledger = await startTestLedger({ databases: 3 })
  database = await ledger.createDatabase()
  await postCalls(ledger, database, entriesFor(ledger.book, SPECS), 'calls')
})
afterAll(() => ledger.close())

interface CostOfEachView {
  readonly task: string | null
  readonly user: string | null
  readonly tenant: string | null
  readonly feature: string | null
  readonly product: string | null
  readonly calls: string | null
}

const costs = async (): Promise<CostOfEachView> => {
  const [task] = await readView<{ cost_usd: string }>(ledger, database, 'kpi_task_cost', WINDOW)
  const [user] = await readView<{ month_usd: string }>(ledger, database, 'kpi_user_cost', AS_OF)
  const [tenant] = await readView<{ month_usd: string }>(ledger, database, 'kpi_tenant_cost', AS_OF)
  const [feature] = await readView<{ cost_usd: string }>(ledger, database, 'kpi_feature_totals', WINDOW)
  const [product] = await readView<{ cost_usd: string }>(ledger, database, 'kpi_cost_to_revenue', AS_OF)
  const [headline] = await readView<{ spend_usd: string }>(ledger, database, 'kpi_headline', WINDOW)
  return {
    task: task?.cost_usd ?? null,
    user: user?.month_usd ?? null,
    tenant: tenant?.month_usd ?? null,
    feature: feature?.cost_usd ?? null,
    product: product?.cost_usd ?? null,
    calls: headline?.spend_usd ?? null,
  }
}

const everywhere = (usd: string): CostOfEachView => ({
  task: usd,
  user: usd,
  tenant: usd,
  feature: usd,
  product: usd,
  calls: usd,
})

const rowsOf = async (table: string): Promise<string> => {
  const result = await ledger.client.query({
    query: `SELECT toString((count(), max(_part), sum(cityHash64(*)))) AS state FROM ${database}.${table}`,
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ state: string }>()
  return row?.state ?? ''
}

describe('a new dated price row', () => {
  test('changes the cost of history in every view from its date on, and rewrites no row', async () => {
    // gpt-5: 1.25 in, 0.125 cached, 10 out per million:
    // 1000×1.25 + 100×10 = 2250; 2000×1.25 + 1000×0.125 + 300×10 = 5625; together 7875 millionths of a dollar.
    expect(await costs()).toEqual(everywhere('0.007875'))
    const tables = [
      'calls',
      'task_counters',
      'user_counters',
      'tenant_counters',
      'feature_counters',
      'product_counters',
    ]
    const before = await Promise.all(tables.map(rowsOf))

    const listed = listedInput(ledger)
    const dearer: PriceRow = {
      ...listed,
      price: '2.5',
      fusd: 2_500_000_000n,
      validFrom: seconds('2026-10-10'),
      validTo: OPEN_END,
    }
    await addPrices(ledger, database, [dearer])
    await loadPrices(ledger, database)

    // Only the second call is after the rise: 2000 tokens at 1.25 more per million.
    expect(await costs()).toEqual(everywhere('0.010375'))
    expect(await Promise.all(tables.map(rowsOf))).toEqual(before)
  })
})

describe('a correction', () => {
  test('leaves exactly the corrected call in every view', async () => {
    const corrected = await ledger.createDatabase()
    const [first] = SPECS
    const charges = entriesFor(ledger.book, [first as (typeof SPECS)[number]])
    await postCalls(ledger, corrected, charges, 'charge')
    const better = { ...(first as (typeof SPECS)[number]), meters: { input: 400, cache_read: 600, output: 100 } }
    const correction: readonly CallRow[] = entriesFor(ledger.book, [better], charges)
    expect(correction.map(({ sign }) => sign)).toEqual([-1, 1])
    await postCalls(ledger, corrected, correction, 'correction')
    const [task] = await readView<{ cost_usd: string; calls: string; tasks: string }>(
      ledger,
      corrected,
      'kpi_task_cost',
      WINDOW,
    )
    // 400×1.25 + 600×0.125 + 100×10 = 1575 millionths
    expect(task).toMatchObject({ cost_usd: '0.001575', calls: '1', tasks: '1' })
    const entries = await readView<{ subtotal_femto9: string }>(ledger, corrected, 'call_cost', WINDOW)
    const net = entries.reduce((sum, { subtotal_femto9 }) => sum + BigInt(subtotal_femto9), 0n)
    expect(net).toBe(1_575n * 9n * 10n ** 9n)
  })

  test('a call that is no longer billed leaves nothing behind in any total', async () => {
    const withdrawn = await ledger.createDatabase()
    const charges = entriesFor(ledger.book, SPECS.slice(0, 1))
    await postCalls(ledger, withdrawn, charges, 'charge')
    // Settlement wants nothing for the key: planning against it reverses the open charge.
    const [charge] = charges
    const reversal = {
      ...(charge as CallRow),
      sign: -1,
      entry_id: 'f'.repeat(32),
      reverses: (charge as CallRow).entry_id,
    }
    await postCalls(ledger, withdrawn, [reversal], 'reversal')
    expect(await readView(ledger, withdrawn, 'kpi_task_cost', WINDOW)).toEqual([])
    const [headline] = await readView<{ spend_usd: string; calls: string }>(ledger, withdrawn, 'kpi_headline', WINDOW)
    expect(headline).toMatchObject({ spend_usd: '0', calls: '0' })
  })
})

describe('a retried insert', () => {
  test('with its token changes no figure, in no view', async () => {
    const before = await costs()
    await postCalls(ledger, database, entriesFor(ledger.book, SPECS), 'calls')
    expect(await costs()).toEqual(before)
  })
})
