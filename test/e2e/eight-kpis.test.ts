import { withAttribution } from '@outlay/instrumentation'
import { revenueTable, tenantsTable, writeRows } from '@outlay/clickhouse'
import { monthStartMs, parseUsd } from '@outlay/core'
import { OPEN_END, type PriceRow } from '@outlay/pricing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { searchFiles } from '../harness/search-files.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { addPrices, readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { type AgentRun, runMorning, SECRET_ANSWER, SECRET_PROMPT, startAgentRun } from './agent-run.ts'

let ledger: TestLedger
let database: string
let collector: TestCollector
let run: AgentRun
/** Calls happen now: the window reaches an hour to both sides, the calendar views look at the month so far. */
let window: { from_time: number; to_time: number }
let asOf: { as_of: number }
/** Part of the month that has passed at `asOf`. */
let elapsed: number

const DAY_SECONDS = 86_400

const loadFacts = async (monthStart: number): Promise<void> => {
  const tenant = (id: string, tier: string, arr: string | null, pool: bigint | null) => ({
    tenant: id,
    name: id,
    tier,
    seats: 5,
    pool_tokens: pool,
    arr_usd: arr === null ? null : parseUsd(arr),
    renewal_date: null,
    admin_contact: '',
    shared_cost_policy: 'account',
    valid_from: 0,
  })
  await writeRows(ledger.client, database, tenantsTable, {
    rows: [
      tenant('acme', 'pro', '5', null),
      tenant('mega', 'enterprise', null, 10_000n),
      tenant('hobby', 'free', null, null),
    ],
    token: 'tenants',
  })
  const month = monthStart / DAY_SECONDS
  await writeRows(ledger.client, database, revenueTable, {
    rows: [
      { month, scope_kind: 'tenant', scope: 'acme', amount: parseUsd('0.25'), currency: 'USD' },
      { month, scope_kind: 'tenant', scope: 'mega', amount: parseUsd('0.1'), currency: 'USD' },
    ],
    token: 'revenue',
  })
}

const startOfMonth = (): number => monthStartMs(Date.now()) / 1_000

beforeAll(async () => {
  ledger = await startTestLedger()
  // A run that straddles the end of a month would be split between two: then it is run again, in the new month.
  for (let month = 0; month !== startOfMonth(); ) {
    if (month !== 0) await stopRun()
    month = startOfMonth()
    database = await ledger.createDatabase()
    collector = await startTestCollector(ledger, database)
    run = await startAgentRun(collector.collector.url)
    await loadFacts(month)
    await runMorning(run)
    await collector.collector.settled()
  }
  // Views never look beyond now: the second of the last call must be over.
  const lastCallSecond = Math.floor(Date.now() / 1_000)
  const thisSecond = (): number => Math.floor(Date.now() / 1_000)
  await vi.waitUntil(() => thisSecond() > lastCallSecond, { timeout: 2_000, interval: 50 })
  const now = thisSecond()
  window = { from_time: now - 3_600, to_time: now + 3_600 }
  asOf = { as_of: now }
  const month = new Date(startOfMonth() * 1_000)
  const nextMonth = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1)
  elapsed = (now - startOfMonth()) / ((nextMonth - month.getTime()) / 1_000)
})
const stopRun = async (): Promise<void> => {
  await run.close()
  await collector.close()
}

afterAll(async () => {
  await stopRun()
  await ledger.close()
})

type Row = Record<string, unknown>
const readRowsOf = async <Result>(query: string): Promise<Result[]> =>
  (await ledger.client.query({ query, format: 'JSONEachRow' })).json<Result>()
const one = async (
  ...[name, args]: Parameters<typeof readView> extends [unknown, unknown, ...infer Rest] ? Rest : never
): Promise<Row> => {
  const rows = await readView<Row>(ledger, database, name, args)
  expect(rows).toHaveLength(1)
  return rows[0] ?? {}
}

describe('an agent run with known usage', () => {
  test('KPI 1: a task costs 0.0018 in the middle, a call 28,885 millionths over 9', async () => {
    expect(await one('kpi_task_cost', window)).toMatchObject({
      tasks: '7',
      calls: '9',
      cost_usd: '0.028885',
      unpriced_calls: '0',
      cost_per_task_p50: '0.0018',
      cost_per_task_max: '0.01564',
      cost_per_task_avg: '0.004126428571428',
      cost_per_call: '0.003209444444444',
      cost_per_success: '0.028885',
    })
    const rows = await readView<Row>(ledger, database, 'kpi_task_cost', { ...window, by: 'workload' })
    const agent = rows.find(({ key }) => key === 'agent')
    // 6,360 input + 170 output × (20 ÷ 4)
    expect(agent).toMatchObject({ cost_usd: '0.01564', effective_tokens_p50: 7_210, effective_tokens_band: 'watch' })
  })

  test('KPI 2: the median user costs 0.00212 and the top one carries 60 %', async () => {
    const row = await one('kpi_user_cost', asOf)
    expect(row).toMatchObject({ active_users: '5', month_usd: '0.025885', median_user_usd: '0.00212' })
    expect(row['top10_share']).toBeCloseTo(15_640 / 25_885, 12)
  })

  test('KPI 3: a tenant is its users plus its shared runs, against its contract', async () => {
    const rows = await readView<Row>(ledger, database, 'kpi_tenant_cost', { ...asOf, by: 'tenant' })
    const byTenant = Object.fromEntries(rows.map((row) => [row['tenant'], row]))
    expect(byTenant['acme']).toMatchObject({
      month_usd: '0.02076',
      direct_usd: '0.01776',
      shared_usd: '0.003',
      cost_to_arr_band: 'ok',
    })
    expect(byTenant['acme']?.['cost_to_arr']).toBeCloseTo((0.02076 * 365) / 30 / 5, 12)
    expect(byTenant['mega']).toMatchObject({ month_usd: '0.007', cost_to_arr: null, cost_to_arr_band: 'none' })
    expect(byTenant['hobby']).toMatchObject({ month_usd: '0.001125' })
    const margin = await readView<Row>(ledger, database, 'kpi_tenant_cost', { ...asOf, by: 'tenant' })
    expect(margin.find(({ tenant }) => tenant === 'acme')?.['gross_margin']).toBeCloseTo(
      1 - 0.02076 / (0.25 * elapsed),
      6,
    )
  })

  test('KPI 4: budgets are used in effective tokens, by user or by workspace', async () => {
    const rows = await readView<Row>(ledger, database, 'kpi_tier_utilization', { ...asOf, top: 10 })
    const used = rows.map(({ tenant, tier, used, hard_cap }) => [tenant, tier, used, hard_cap])
    expect(used.toSorted((a, b) => a.join().localeCompare(b.join()))).toEqual([
      ['acme', 'pro', 3_400, 500_000],
      ['acme', 'pro', 7_210, 500_000],
      ['hobby', 'free', 0, 50_000],
      ['hobby', 'free', 900, 50_000],
      ['mega', 'enterprise', 5_600, 10_000],
    ])
    expect(await one('kpi_tier_summary', asOf)).toMatchObject({
      subjects: '5',
      over_soft: '0',
      over_hard: '0',
      p90: 0.56,
    })
  })

  test('KPI 5: one of two free users hit the ceiling, the workspace paid for overage', async () => {
    expect(await one('kpi_overage_rate', asOf)).toMatchObject({
      subjects: '5',
      over: '3',
      free_rate: 0.5,
      free_rate_band: 'act',
      payg_rate: 1,
      overage_usd: '0.00732',
    })
  })

  test('KPI 6: one of six pro calls was served by the budget model, and 0.00193 was saved', async () => {
    const row = await one('kpi_degradation_rate', asOf)
    expect(row).toMatchObject({ band: 'ok', saved_usd: '0.00193', served_usd: '0.00032' })
    expect(row['calls_rate']).toBeCloseTo(1 / 6, 12)
    expect(row['cost_rate']).toBeCloseTo(320 / 20_760, 12)
  })

  test('KPI 7: the agent carries 54 % of the spend on one of seven tasks', async () => {
    const totals = await one('kpi_feature_totals', window)
    expect(totals).toMatchObject({ features: '4', cost_usd: '0.028885' })
    expect(totals['top1']).toBeCloseTo(15_640 / 28_885, 12)
    expect(totals['top3']).toBeCloseTo((15_640 + 7_000 + 3_245) / 28_885, 12)
    const rows = await readView<Row>(ledger, database, 'kpi_feature_concentration', { ...window, by: 'feature' })
    expect(rows.find(({ key }) => key === 'support-chat')).toMatchObject({
      cost_usd: '0.003245',
      usage_events: '4',
      cost_per_event: '0.00081125',
    })
  })

  test('KPI 8: funded tenants spend 7.9 % of their revenue, one tenant has none', async () => {
    const row = await one('kpi_cost_to_revenue', asOf)
    expect(row).toMatchObject({ cost_usd: '0.028885', unfunded_scopes: '1' })
    expect(row['ratio']).toBeCloseTo(0.02776 / (0.35 * elapsed), 6)
    const rows = await readView<Row>(ledger, database, 'kpi_cost_to_revenue', { ...asOf, by: 'tenant' })
    expect(rows.find(({ key }) => key === 'hobby')).toMatchObject({
      ratio: null,
      band: 'none',
      revenue_month_usd: null,
    })
  })

  test('the sum over single calls is every total, to the femto-dollar', async () => {
    const calls = await readView<{ subtotal_femto9: string }>(ledger, database, 'call_cost', window)
    expect(calls.reduce((sum, { subtotal_femto9 }) => sum + BigInt(subtotal_femto9), 0n)).toBe(28_885n * 9n * 10n ** 9n)
  })

  test('the overview shows the same headline figures', async () => {
    const rows = await readView<Row>(ledger, database, 'kpi_overview', {
      from_time: window.from_time,
      to_time: asOf.as_of,
    })
    const headline = Object.fromEntries(rows.map((row) => [row['name'], row['headline_usd'] ?? row['headline']]))
    expect(headline).toMatchObject({
      task_cost: '0.0018',
      user_cost: '0.00212',
      tenant_cost: '0.028885',
      overage_rate: 0.5,
    })
    expect(headline['degradation_rate']).toBeCloseTo(1 / 6, 12)
    expect(headline['tier_utilization']).toBeCloseTo(0.56 / elapsed, 6)
    expect(headline['feature_concentration']).toBeCloseTo(25_885 / 28_885, 12)
    expect(headline['cost_to_revenue']).toBeCloseTo(0.02776 / (0.35 * elapsed), 6)
    const headlines = await one('kpi_headline', window)
    expect(headlines).toMatchObject({
      spend_usd: '0.028885',
      calls: '9',
      unpriced_calls: '0',
      unattributed_calls: '0',
    })
  })
})

describe('inserting one new dated price row', () => {
  test('changes the cost of history in all eight within 5 s and rewrites no row', async () => {
    const tables = [
      'spans',
      'calls',
      'task_counters',
      'user_counters',
      'tenant_counters',
      'budget_counters',
      'overage_counters',
      'degradation_counters',
      'feature_counters',
      'product_counters',
    ]
    const state = async (): Promise<unknown> => {
      const parts = tables.map((table) => `(SELECT (count(), sum(cityHash64(*))) FROM ${database}.${table})`)
      const result = await ledger.client.query({
        query: `SELECT toString((${parts.join(', ')})) AS state`,
        format: 'JSONEachRow',
      })
      return result.json()
    }
    const figures = async (): Promise<readonly unknown[]> => {
      const [task, user, tenant, tier, overage, degradation, feature, revenue] = await Promise.all([
        one('kpi_task_cost', window),
        one('kpi_user_cost', asOf),
        one('kpi_tenant_cost', asOf),
        readView<Row>(ledger, database, 'kpi_tier_utilization', { ...asOf, tenants: ['mega'] }),
        one('kpi_overage_rate', asOf),
        one('kpi_degradation_rate', asOf),
        one('kpi_feature_totals', window),
        one('kpi_cost_to_revenue', asOf),
      ])
      return [
        task['cost_usd'],
        user['month_usd'],
        tenant['month_usd'],
        tier[0]?.['used'],
        overage['overage_usd'],
        degradation['saved_usd'],
        feature['cost_usd'],
        revenue['cost_usd'],
      ]
    }
    expect(await figures()).toEqual([
      '0.028885',
      '0.025885',
      '0.028885',
      5_600,
      '0.00732',
      '0.00193',
      '0.028885',
      '0.028885',
    ])
    const before = await state()

    const listed = ledger.book.rows.find(
      (row) => row.model === 'gpt-5' && row.tier === 'standard' && row.meter === 'input' && row.region === '',
    ) as PriceRow
    const doubled: PriceRow = {
      ...listed,
      price: '2.5',
      fusd: 2_500_000_000n,
      validFrom: seconds('2026-01-01'),
      validTo: OPEN_END,
    }
    await addPrices(ledger, database, [doubled])

    // gpt-5 input: 600 + 4,000 + 500 tokens at 1.25 more per million = 6,375; m of gpt-5 falls from 8 to 4.
    // One dictionary prices them all: when the first figure has moved, all have.
    const spend = async (): Promise<unknown> => (await one('kpi_headline', window))['spend_usd']
    await expect.poll(spend, { timeout: 5_000, interval: 50 }).toBe('0.03526')
    expect(await figures()).toEqual([
      '0.03526',
      '0.03226',
      '0.03526',
      4_800,
      '0.01232',
      '0.00318',
      '0.03526',
      '0.03526',
    ])
    expect(await state()).toEqual(before)
  })
})

describe('what was asked and answered', () => {
  test('is nowhere on disk and nowhere in the database', async () => {
    const directories = [collector.walDirectory, ledger.dataDirectory]
    for (const secret of [SECRET_PROMPT, SECRET_ANSWER]) {
      const { searched, holding } = searchFiles(directories, secret)
      expect(searched).toBeGreaterThan(10)
      expect(holding).toEqual([])
      const [row] = await readRowsOf<{ found: string }>(
        `SELECT count() AS found FROM ${database}.spans WHERE position(toString(tuple(*)), '${secret}') > 0`,
      )
      expect(row).toEqual({ found: '0' })
    }
  })

  test('did reach the provider, so there was something to leak', () => {
    expect(JSON.stringify(run.provider.requests)).toContain(SECRET_PROMPT)
  })
})

describe('a call without a tenant', () => {
  test('throws before the provider is called', async () => {
    const before = run.provider.requests.length
    const call = withAttribution({ feature: 'support-chat', workload: 'chat' }, async () =>
      run.openai.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: SECRET_PROMPT }] }),
    )
    await expect(call).rejects.toThrow(/tenant/)
    expect(run.provider.requests).toHaveLength(before)
  })
})
