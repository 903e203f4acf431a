/** Facts about the made-up customers: contracts, users, revenue. Loaded like a user's own facts. */
import {
  type ClickHouseClient,
  revenueTable,
  type RevenueFact,
  tenantsTable,
  usersTable,
  writeRows,
} from '@outlay/clickhouse'
import { monthStartMs, parseUsd } from '@outlay/core'
import { TENANTS, usersOf } from './demo-company.ts'

const DAY_MS = 86_400_000
const MS_PER_SECOND = 1_000
const RENEWAL_DAYS = 200
/** Revenue is known for the running month and some ahead, so that a demo that keeps running keeps its ratio. */
const MONTHS = { back: 4, ahead: 12 }

const daysOf = (timeMs: number): number => Math.floor(timeMs / DAY_MS)
const usdOrNull = (text: string | null): bigint | null => (text === null ? null : parseUsd(text))

const addMonths = (timeMs: number, months: number): number => {
  const date = new Date(monthStartMs(timeMs))
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)
}

const revenueFacts = (startMs: number): readonly RevenueFact[] =>
  Array.from({ length: MONTHS.back + MONTHS.ahead }, (_, index) => addMonths(startMs, index)).flatMap((month) =>
    TENANTS.flatMap(({ tenant, monthlyRevenueUsd }) =>
      monthlyRevenueUsd === null
        ? []
        : [
            {
              month: daysOf(month),
              scope_kind: 'tenant',
              scope: tenant,
              amount: parseUsd(monthlyRevenueUsd),
              currency: 'USD',
            },
          ],
    ),
  )

/** Writes the facts. The tokens make repeating it harmless. */
export const loadDemoFacts = async (client: ClickHouseClient, database: string, startMs: number): Promise<void> => {
  const validFrom = Math.floor(addMonths(startMs, -24) / MS_PER_SECOND)
  const tenants = TENANTS.map((tenant) => ({
    tenant: tenant.tenant,
    name: tenant.name,
    tier: tenant.tier,
    seats: tenant.users,
    pool_tokens: tenant.poolTokens,
    arr_usd: usdOrNull(tenant.arrUsd),
    renewal_date: tenant.arrUsd === null ? null : daysOf(startMs) + RENEWAL_DAYS,
    admin_contact: `admin@${tenant.tenant}.example`,
    shared_cost_policy: 'account',
    valid_from: validFrom,
  }))
  const users = TENANTS.flatMap((tenant) =>
    usersOf(tenant).map((user) => ({
      user: user.hash,
      tenant: tenant.tenant,
      tier: tenant.tier,
      signup_month: daysOf(addMonths(startMs, -user.signupMonthsAgo)),
      seat_price_usd: usdOrNull(tenant.seatPriceUsd),
      valid_from: validFrom,
    })),
  )
  await writeRows(client, database, tenantsTable, { rows: tenants, token: `demo-tenants:${startMs}` })
  await writeRows(client, database, usersTable, { rows: users, token: `demo-users:${startMs}` })
  await writeRows(client, database, revenueTable, { rows: revenueFacts(startMs), token: `demo-revenue:${startMs}` })
}
