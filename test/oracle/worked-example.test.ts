/** The worked example of reports.md, from seeded calls and facts: it must come out exactly. */
import { type RevenueFact, revenueTable, type TenantFact, tenantsTable, writeRows } from '@outlay/clickhouse'
import { parseUsd } from '@outlay/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import { loadPrices, postCalls, readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** A closed month: its whole revenue counts. */
const AS_OF = seconds('2026-11-01')
const MONTH = seconds('2026-10-01') / 86_400
const MILLION = 1_000_000

/** Tenants of a segment share its revenue and its spend; what does not divide falls to the first. */
interface Segment {
  readonly name: string
  readonly tenants: number
  readonly revenue: number
  readonly spend: number
}
const SEGMENTS: readonly Segment[] = [
  { name: 'healthy', tenants: 34, revenue: 145_000, spend: 14_600 },
  { name: 'power', tenants: 4, revenue: 22_000, spend: 11_400 },
  { name: 'runaway', tenants: 2, revenue: 13_000, spend: 8_000 },
]

const partsOf = (total: number, count: number): readonly number[] => {
  const part = Math.floor(total / count)
  return Array.from({ length: count }, (_, place) => (place === 0 ? total - part * (count - 1) : part))
}

interface Tenant {
  readonly tenant: string
  readonly revenue: number
  readonly spend: number
}
const TENANTS = SEGMENTS.flatMap(({ name, tenants, revenue, spend }): Tenant[] => {
  const spends = partsOf(spend, tenants)
  return partsOf(revenue, tenants).map((amount, place) => ({
    tenant: `${name}-${place + 1}`,
    revenue: amount,
    spend: spends[place] ?? 0,
  }))
})

/** claude-opus-4-8 costs 5 dollars per million input tokens: a dollar is 200,000. */
const TOKENS_PER_DOLLAR = MILLION / 5
const CALL_TOKENS_MAX = 10 ** 11

const callsOf = ({ tenant, spend }: Tenant, index: number): CallSpec => {
  const input = spend * TOKENS_PER_DOLLAR
  if (input > CALL_TOKENS_MAX) throw new Error('BUG: more than one call can carry')
  return {
    id: index + 1,
    at: '2026-10-14T09:00:00Z',
    provider: 'anthropic',
    model: 'claude-opus-4-8',
    meters: { input },
    attribution: { tenant, user: `h_${tenant}`, task: tenant },
  }
}

const tenantFact = ({ tenant }: Tenant): TenantFact => ({
  tenant,
  name: '',
  tier: 'team',
  seats: 10,
  pool_tokens: null,
  arr_usd: null,
  renewal_date: null,
  admin_contact: '',
  shared_cost_policy: 'account',
  valid_from: 0,
})
const revenueFact = ({ tenant, revenue }: Tenant): RevenueFact => ({
  month: MONTH,
  scope_kind: 'tenant',
  scope: tenant,
  amount: parseUsd(String(revenue)),
  currency: 'USD',
})

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['anthropic'])
  await postCalls(ledger, database, entriesFor(ledger.book, TENANTS.map(callsOf)), 'calls')
  await writeRows(ledger.client, database, tenantsTable, { rows: TENANTS.map(tenantFact), token: 'tenants' })
  await writeRows(ledger.client, database, revenueTable, { rows: TENANTS.map(revenueFact), token: 'revenue' })
  await loadPrices(ledger, database)
})
afterAll(() => ledger.close())

interface TenantCostRow {
  readonly tenant: string
  readonly tenants: string
  readonly month_usd: string
  readonly revenue_usd: string
  readonly gross_margin: number
  readonly segment: string
  readonly runaway_tenants: string
  readonly share: number
}
const tenantCost = (by: string): Promise<TenantCostRow[]> =>
  readView<TenantCostRow>(ledger, database, 'kpi_tenant_cost', { as_of: AS_OF, by })

const byFirst = (a: readonly unknown[], b: readonly unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1)

const percent = (part: number): number => Math.round(part * 100)

test('40 tenants pay 180,000 and cost 34,000: a margin of 81 %', async () => {
  const [all] = await tenantCost('all')
  expect(all).toMatchObject({ tenants: '40', month_usd: '34000', revenue_usd: '180000', runaway_tenants: '2' })
  expect(percent(all?.gross_margin ?? 0)).toBe(81)
})

test('34 are healthy at 90 %, 4 are power users at 48 %, 2 run away at 38 %', async () => {
  const rows = await tenantCost('segment')
  const figures = rows.map(({ segment, tenants, revenue_usd, month_usd, gross_margin }) => [
    segment,
    tenants,
    revenue_usd,
    month_usd,
    percent(gross_margin),
  ])
  expect(figures.toSorted(byFirst)).toEqual([
    ['healthy', '34', '145000', '14600', 90],
    ['power', '4', '22000', '11400', 48],
    ['runaway', '2', '13000', '8000', 38],
  ])
})

test('six tenants, 15 % of the book, carry 57 % of the spend', async () => {
  const rows = await tenantCost('tenant')
  expect(rows).toHaveLength(40)
  const dear = rows.filter(({ segment }) => segment !== 'healthy')
  expect(dear.length / rows.length).toBe(0.15)
  expect(percent(dear.reduce((sum, { share }) => sum + share, 0))).toBe(57)
  expect(rows.toSorted((a, b) => b.share - a.share).slice(0, 6)).toEqual(
    expect.arrayContaining(dear.map(({ tenant }) => expect.objectContaining({ tenant }))),
  )
})

interface RevenueRow {
  readonly key: string
  readonly cost_usd: string
  readonly revenue_usd: string
  readonly revenue_month_usd: string
  readonly gross_margin: number
  readonly unfunded_scopes: string
}

test('KPI 8 says the same of all and of each segment', async () => {
  const read = (by: string): Promise<RevenueRow[]> =>
    readView<RevenueRow>(ledger, database, 'kpi_cost_to_revenue', { as_of: AS_OF, by })
  const figures = [...(await read('all')), ...(await read('segment'))].map((row) => [
    row.cost_usd,
    row.revenue_usd,
    row.revenue_month_usd,
    percent(row.gross_margin),
    row.unfunded_scopes,
  ])
  expect(figures.toSorted(byFirst)).toEqual(
    [
      ['34000', '180000', '180000', 81, '0'],
      ['14600', '145000', '145000', 90, '0'],
      ['11400', '22000', '22000', 48, '0'],
      ['8000', '13000', '13000', 38, '0'],
    ].toSorted(byFirst),
  )
})
