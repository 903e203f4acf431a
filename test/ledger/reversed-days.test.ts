/** A day whose only call was reversed is no day of its user: views that net users at once look at such users day by day. */
import { callsTable, type KpiViewName, writeRows } from '@outlay/clickhouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planEntries } from '../../packages/collector/src/ledger/plan-entries.ts'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import { postCalls, readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const AS_OF = seconds('2026-10-29T00:00:00Z')
const WITHDRAWN = { postedAtMs: AS_OF * 1_000, walId: 'test', unit: 2n }
const COUNTERS = ['user_counters', 'budget_counters', 'overage_counters']

const callOf = (id: number, date: string, attribution: CallSpec['attribution'], denied = false): CallSpec => ({
  id,
  at: `${date}T10:00:00Z`,
  model: 'gpt-5',
  meters: { input: 10 },
  ...(attribution === undefined ? {} : { attribution }),
  ...(denied ? { control: { overagePattern: 'hard_cap', overageAction: 'denied' } } : {}),
})

const mover = { tenant: 'acme', user: 'h_mover' }
const guest = (number: number) => ({ tenant: 'bolt', user: `h_${number}`, tier: 'free' })

const STAYS: readonly CallSpec[] = [
  callOf(1, '2026-10-24', { ...mover, tier: 'pro' }),
  callOf(2, '2026-10-26', { ...mover, tier: 'free' }),
  ...Array.from({ length: 10 }, (_, number) => callOf(100 + number, '2026-10-20', guest(number))),
  // One of ten users is inside the band, two are outside.
  callOf(200, '2026-10-21', guest(0), true),
  callOf(201, '2026-10-28', guest(1), true),
]
const GOES: readonly CallSpec[] = [
  callOf(3, '2026-10-28', { ...mover, tier: 'pro' }),
  callOf(202, '2026-10-22', guest(1), true),
]

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  // Nothing is small enough to be merged: reversals stay beside their charges.
  for (const table of COUNTERS) {
    await ledger.client.command({
      query: `ALTER TABLE ${database}.${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1`,
    })
  }
  const gone = entriesFor(ledger.book, GOES)
  await postCalls(ledger, database, [...entriesFor(ledger.book, STAYS), ...gone], 'charges')
  const { calls } = planEntries([], { calls: gone, quarantine: [] }, WITHDRAWN)
  await writeRows(ledger.client, database, callsTable, { rows: calls, token: 'reversals' })
})
afterAll(() => ledger.close())

const ask = async (view: KpiViewName, tenant: string, by: { readonly by?: string } = {}) => {
  const [row] = await readView<Record<string, unknown>>(ledger, database, view, {
    as_of: AS_OF,
    tenants: [tenant],
    ...by,
  })
  return row
}

test('a user has the tier of the last day that something is left of', async () => {
  expect(await ask('kpi_tier_utilization', 'acme')).toMatchObject({ subject: 'h_mover', tier: 'free', used: 20 })
  expect(await ask('kpi_user_list', 'acme')).toMatchObject({ user: 'h_mover', tier: 'free' })
  expect(await ask('kpi_user_cohorts', 'acme')).toMatchObject({ tier: 'free', users: '1' })
  // Of the 50,000 tokens of a free user.
  expect(await ask('kpi_user_cost', 'acme')).toMatchObject({ active_users: '1', p99_hard_ratio: 0.0004 })
})

test('a user meets the ceiling on the first day that a denied call is left of', async () => {
  const row = await ask('kpi_overage_rate', 'bolt', { by: 'tier' })
  expect(row).toMatchObject({ tier: 'free', subjects: '10', over: '2', days_outside: '1' })
})
