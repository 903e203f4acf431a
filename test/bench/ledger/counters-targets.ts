/** The eight targets that the materialized views on `calls` fill, and the meters that have columns of their own there. */
import type { Meter } from '@outlay/core'

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

/** Columns of every target; all other meters are in its map `rare`. Compared with the schema after each load. */
export const HOT_METERS = [
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'output_reasoning',
] as const satisfies readonly Meter[]
