/** Shapes of the facts that users load. Column meanings are the comments of `sql/migrations`. */
import { defineTable, type RowOf } from './table-shape.ts'

export const tenantsTable = defineTable('tenants', {
  tenant: 'string',
  name: 'string',
  tier: 'string',
  seats: 'uint32',
  pool_tokens: 'optionalUint64',
  arr_usd: 'optionalUsd',
  renewal_date: 'optionalDays',
  admin_contact: 'string',
  shared_cost_policy: 'string',
  valid_from: 'seconds',
})
export type TenantFact = RowOf<typeof tenantsTable>

export const usersTable = defineTable('users', {
  user: 'string',
  tenant: 'string',
  tier: 'string',
  signup_month: 'days',
  seat_price_usd: 'optionalUsd',
  valid_from: 'seconds',
})
export type UserFact = RowOf<typeof usersTable>

export const tiersTable = defineTable('tiers', {
  tier: 'string',
  scope: 'string',
  cap_basis: 'string',
  soft_cap_tokens: 'optionalUint64',
  soft_cap_share: 'double',
  hard_cap_tokens: 'optionalUint64',
  pattern: 'string',
  max_cost_usd: 'optionalUsd',
  target_margin: 'optionalDouble',
  valid_from: 'seconds',
})
export type TierFact = RowOf<typeof tiersTable>

export const revenueTable = defineTable('revenue', {
  month: 'days',
  scope_kind: 'string',
  scope: 'string',
  amount: 'usd',
  currency: 'string',
})
export type RevenueFact = RowOf<typeof revenueTable>

export const planEventsTable = defineTable('plan_events', {
  tenant: 'string',
  user: 'string',
  kind: 'string',
  from_tier: 'string',
  to_tier: 'string',
  at: 'seconds',
})

export const engagementTable = defineTable('engagement', {
  tenant: 'string',
  user: 'string',
  signal: 'string',
  score: 'optionalDouble',
  valid_from: 'seconds',
})

/** One `base` costs `rate` of `quote` on that day. */
export const fxRatesTable = defineTable('fx_rates', {
  base: 'string',
  quote: 'string',
  day: 'days',
  rate: 'decimal9',
  source: 'string',
})

export const accountChargesTable = defineTable('account_charges', {
  provider: 'string',
  period: 'days',
  grain: 'string',
  kind: 'string',
  label: 'string',
  amount: 'usd',
  model: 'string',
  source: 'string',
})
export type AccountChargeFact = RowOf<typeof accountChargesTable>
