/** What a file for each table of facts may hold. */
import type { FactSource } from './fact-source.ts'
import type { FactTable } from './fact-tables.ts'
import { engagementFacts, planEventFacts, tenantFacts, userFacts } from './tables/accounts.ts'
import { accountChargeFacts, fxRateFacts, revenueFacts } from './tables/money.ts'
import { tierFacts } from './tables/tiers.ts'

export const FACT_SOURCES: Readonly<Record<FactTable, FactSource>> = {
  tenants: tenantFacts,
  users: userFacts,
  tiers: tierFacts,
  revenue: revenueFacts,
  plan_events: planEventFacts,
  engagement: engagementFacts,
  fx_rates: fxRateFacts,
  account_charges: accountChargeFacts,
}
