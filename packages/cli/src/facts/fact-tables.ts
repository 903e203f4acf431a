/** Names of the tables of facts, in the order of their page; light, so that `--help` of every command can name them. */
export const FACT_TABLES = [
  'tenants',
  'users',
  'tiers',
  'revenue',
  'plan_events',
  'engagement',
  'fx_rates',
  'account_charges',
] as const
export type FactTable = (typeof FACT_TABLES)[number]
