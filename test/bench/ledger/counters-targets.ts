/** The eight targets that the materialized views on `calls` fill. */
export const TARGETS = [
  'task_counters',
  'user_counters',
  'tenant_counters',
  'budget_counters',
  'overage_counters',
  'degradation_counters',
  'feature_counters',
  'product_counters',
] as const

export type Target = (typeof TARGETS)[number]

/** The ledger and everything summed from it: what a new price must leave alone. */
export const LEDGER_TABLES = ['calls', ...TARGETS] as const
