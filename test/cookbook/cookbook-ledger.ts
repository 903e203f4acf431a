/** The ledger that the answers of the cookbook come from: its calls, its facts, a contract and two what-if books. */
import {
  defineWhatIfBook,
  planEventsTable,
  revenueTable,
  tenantsTable,
  usersTable,
  writeRows,
} from '@outlay/clickhouse'
import { parseUsd } from '@outlay/core'
import { parseWhatIf, withContract } from '@outlay/pricing'
import { entriesFor } from '../harness/ledger-rows.ts'
import { changeBook, loadPrices, postCalls, seconds, type TestLedger } from '../harness/test-ledger.ts'
import { COOKBOOK_CALLS } from './cookbook-calls.ts'

const MS_PER_DAY = 86_400_000
const day = (iso: string): number => Date.parse(iso) / MS_PER_DAY

const tenantOf = (
  tenant: string,
  tier: string,
  fact: { seats: number; pool?: bigint; arr?: string; renewal?: string },
) => ({
  tenant,
  name: `${tenant.slice(0, 1).toUpperCase()}${tenant.slice(1)}`,
  tier,
  seats: fact.seats,
  pool_tokens: fact.pool ?? null,
  arr_usd: fact.arr === undefined ? null : parseUsd(fact.arr),
  renewal_date: fact.renewal === undefined ? null : day(fact.renewal),
  admin_contact: '',
  shared_cost_policy: 'account',
  valid_from: 0,
})

const TENANTS = [
  tenantOf('acme', 'enterprise', { seats: 4, pool: 25_000_000n, arr: '3600', renewal: '2027-03-31' }),
  tenantOf('globex', 'team', { seats: 3, arr: '216', renewal: '2026-12-15' }),
  tenantOf('initech', 'pro', { seats: 4, arr: '960', renewal: '2026-11-30' }),
  tenantOf('stark', 'team', { seats: 2, arr: '168', renewal: '2026-12-01' }),
  tenantOf('hooli', 'free', { seats: 0 }),
]

const seatPrices: Readonly<Record<string, string | undefined>> = { enterprise: '75', team: '10', pro: '20' }
const userOf = (user: string, tenant: string, tier: string, signup: string) => ({
  user,
  tenant,
  tier,
  signup_month: day(`${signup}-01`),
  seat_price_usd: seatPrices[tier] === undefined ? null : parseUsd(seatPrices[tier]),
  valid_from: 0,
})
const USERS = [
  userOf('h_a1', 'acme', 'enterprise', '2025-10'),
  userOf('h_a2', 'acme', 'enterprise', '2025-10'),
  userOf('h_a3', 'acme', 'enterprise', '2026-02'),
  userOf('h_a4', 'acme', 'enterprise', '2026-06'),
  userOf('h_g1', 'globex', 'team', '2026-01'),
  userOf('h_g2', 'globex', 'team', '2026-01'),
  userOf('h_g3', 'globex', 'team', '2026-05'),
  userOf('h_i1', 'initech', 'pro', '2025-08'),
  userOf('h_i2', 'initech', 'pro', '2026-03'),
  userOf('h_i3', 'initech', 'pro', '2026-03'),
  userOf('h_i4', 'initech', 'pro', '2026-07'),
  userOf('h_h1', 'hooli', 'free', '2026-07'),
  userOf('h_h2', 'hooli', 'free', '2026-07'),
  userOf('h_h3', 'hooli', 'free', '2026-08'),
]

const REVENUE = { acme: '300', globex: '18', initech: '80', stark: '14' }
const MONTHS = ['2026-08', '2026-09', '2026-10']

const CONTRACT = {
  card: 'tenant:acme',
  file: 'acme.yaml',
  text: `format: outlay-prices/1
edition: "2026-10-01"
currency: USD
card: "tenant:acme"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
rules: [{discount: "0.12", src: signed, grade: A}]
`,
}

/** Announced prices, and everything on the smallest model. */
const WHAT_IFS = {
  'list-2027': {
    cells: [
      { where: { model: 'claude-sonnet-4-5' }, to: { times: '0.8' } },
      { where: { model: 'gpt-5-mini', meter: 'output' }, to: { times: '1.25' } },
    ],
  },
  'all-nano': { as: { model: 'gpt-5-nano' } },
}

const loadFacts = async ({ client }: TestLedger, database: string): Promise<void> => {
  await writeRows(client, database, tenantsTable, { rows: TENANTS, token: 'tenants' })
  await writeRows(client, database, usersTable, { rows: USERS, token: 'users' })
  const revenue = MONTHS.flatMap((month) =>
    Object.entries(REVENUE).map(([scope, amount]) => ({
      month: day(`${month}-01`),
      scope_kind: 'tenant',
      scope,
      amount: parseUsd(amount),
      currency: 'USD',
    })),
  )
  await writeRows(client, database, revenueTable, { rows: revenue, token: 'revenue' })
  const upgrade = { tenant: 'hooli', user: 'h_h1', kind: 'upgrade', from_tier: 'free', to_tier: 'pro' }
  await writeRows(client, database, planEventsTable, {
    rows: [{ ...upgrade, at: seconds('2026-10-12T09:00:00Z') }],
    token: 'plan-events',
  })
}

/** A prepared database with all of it; answers its name. */
export const createCookbookLedger = async (ledger: TestLedger): Promise<string> => {
  const database = await ledger.createDatabase(['openai', 'anthropic'])
  await loadFacts(ledger, database)
  await postCalls(ledger, database, entriesFor(ledger.book, COOKBOOK_CALLS), 'cookbook')
  await changeBook(ledger, database, ({ recorded, latest }) => withContract(recorded, latest, CONTRACT))
  const note = { author: 'cookbook', reason: 'cookbook', atMs: Date.now() }
  for (const [name, definition] of Object.entries(WHAT_IFS)) {
    await defineWhatIfBook(
      ledger.client,
      database,
      { name, base: 'current', definition: parseWhatIf(definition) },
      note,
    )
  }
  await loadPrices(ledger, database)
  return database
}
