/** A few calls of three tenants in the window, and the facts that the KPIs read. */
import { revenueTable, tenantsTable, usersTable, writeRows } from '@outlay/clickhouse'
import { parseUsd } from '@outlay/core'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import { postCalls, type TestLedger } from '../harness/test-ledger.ts'

// An hour inside each end of the window: a zone that shifts it loses one of them.
const FIRST_HOUR = '2026-10-13T00:30:00Z'
const LAST_HOUR = '2026-10-19T23:30:00Z'
const AT = '2026-10-15T10:00:00Z'
const MS_PER_DAY = 86_400_000
const OCTOBER = Date.UTC(2026, 9, 1) / MS_PER_DAY

/** `o'brien` has a quote in its name, as some tenant will. */
export const QUOTED_TENANT = "o'brien"

export const SEEDED_CALLS: readonly CallSpec[] = [
  {
    id: 1,
    at: FIRST_HOUR,
    model: 'gpt-5',
    meters: { input: 1_000, output: 100 },
    attribution: { task: 't1', outcome: 'success' },
  },
  {
    id: 2,
    at: AT,
    model: 'gpt-5',
    meters: { input: 3_000, output: 400 },
    attribution: {
      tenant: QUOTED_TENANT,
      user: 'h_2',
      task: 't2',
      feature: "it's search",
      workload: 'rag',
      tier: 'team',
    },
  },
  {
    id: 3,
    at: LAST_HOUR,
    model: 'gpt-5',
    meters: { input: 20_000, output: 900 },
    attribution: { tenant: 'globex', user: 'h_3', task: 't3', feature: 'agent', workload: 'agent', tier: 'free' },
  },
  {
    id: 4,
    at: AT,
    model: 'gpt-4.1',
    meters: { input: 1_000, output: 100 },
    attribution: { task: 't4' },
    control: { intendedModel: 'gpt-5.5-pro', overagePattern: 'soft_cap', overageAction: 'degraded' },
  },
  {
    id: 5,
    at: AT,
    model: 'made-up-9',
    meters: { input: 500, output: 5 },
    attribution: { tenant: 'globex', user: 'h_3', task: 't5', feature: 'lab', tier: 'free', environment: 'staging' },
  },
]

export const seedLedger = async (ledger: TestLedger, database: string): Promise<void> => {
  await postCalls(ledger, database, entriesFor(ledger.book, SEEDED_CALLS), 'dashboards')
  const { client } = ledger
  const tenant = {
    name: '',
    tier: 'pro',
    seats: 10,
    pool_tokens: null,
    admin_contact: '',
    shared_cost_policy: 'account',
    valid_from: 0,
  }
  await writeRows(client, database, tenantsTable, {
    rows: [{ ...tenant, tenant: 'acme', arr_usd: parseUsd('12000'), renewal_date: OCTOBER + 90 }],
    token: 'tenants',
  })
  await writeRows(client, database, usersTable, {
    rows: [
      {
        user: 'h_1',
        tenant: 'acme',
        tier: 'pro',
        signup_month: OCTOBER,
        seat_price_usd: parseUsd('20'),
        valid_from: 0,
      },
    ],
    token: 'users',
  })
  await writeRows(client, database, revenueTable, {
    rows: [{ month: OCTOBER, scope_kind: 'tenant', scope: 'acme', amount: parseUsd('1000'), currency: 'USD' }],
    token: 'revenue',
  })
}
