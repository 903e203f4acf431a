/** The facts that the views join, made up from what the counters know: the joins of the views meet a row for everyone. */
import type { BenchLedger } from './bench-ledger.ts'
import { QUARTER_FROM } from './period.ts'

const FROM = `toDateTime({from:UInt32}, 'UTC')`

const statementsFor = (database: string): readonly string[] => [
  `INSERT INTO ${database}.tenants (tenant, name, tier, seats, pool_tokens, arr_usd, renewal_date, shared_cost_policy, valid_from)
    SELECT tenant, upper(tenant), any(tier), uniqExact(user), 2000000 * uniqExact(user), uniqExact(user) * 480, toDate('2026-09-10') + cityHash64(tenant) % 200,
      if(cityHash64(tenant, 'policy') % 4 = 0, 'even_split', 'account'), ${FROM}
    FROM ${database}.user_counters GROUP BY tenant`,
  `INSERT INTO ${database}.users (user, tenant, tier, signup_month, seat_price_usd, valid_from)
    SELECT user, tenant, any(tier), addMonths(toDate('2025-01-01'), cityHash64(user, 'signup') % 20), 40, ${FROM}
    FROM ${database}.user_counters WHERE user != '' GROUP BY user, tenant`,
  `INSERT INTO ${database}.engagement (tenant, user, signal, valid_from)
    SELECT tenant, user, ['retained', 'growing', 'at_risk'][1 + cityHash64(user, 'signal') % 3], ${FROM} FROM ${database}.users`,
  `INSERT INTO ${database}.plan_events (tenant, user, kind, from_tier, to_tier, at)
    SELECT tenant, user, if(tier = 'free', 'upgrade', 'expansion'), tier, if(tier = 'free', 'pro', tier), ${FROM} + cityHash64(user, 'event') % (86 * 86400)
    FROM ${database}.users WHERE cityHash64(user, 'changes') % 20 = 0`,
  `INSERT INTO ${database}.revenue (month, scope_kind, scope, amount, currency)
    SELECT arrayJoin([toDate('2026-08-01'), toDate('2026-09-01'), toDate('2026-10-01')]), 'tenant', tenant, seats * 40, 'USD'
    FROM ${database}.tenants`,
]

export const insertFacts = async ({ client, database }: Pick<BenchLedger, 'client' | 'database'>): Promise<void> => {
  for (const query of statementsFor(database)) {
    await client.command({ query, query_params: { from: QUARTER_FROM } })
  }
}
