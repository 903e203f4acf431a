/** The pieces that a difference is split into. Each has one cause; all of them together are the difference, exactly. */
import type { Meter } from '@outlay/core'
import type { QuectoUsd } from '#src/reconcile/quecto-usd.ts'

export const QUANTITY_CAUSES = [
  'not_instrumented',
  'late_or_other_day',
  'double_counted',
  'unsettled',
  'tier_unknown',
  'retries_or_aborts',
] as const
export const PRICE_CAUSES = ['stale_price', 'contract', 'free_allowance', 'credit', 'tax', 'rounding'] as const
export type QuantityCause = (typeof QUANTITY_CAUSES)[number]
export type PriceCause = (typeof PRICE_CAUSES)[number]
export type Cause = QuantityCause | PriceCause | 'unexplained'

export interface Finding {
  readonly cause: Cause
  /** Which part of the split it belongs to. */
  readonly part: 'quantity' | 'price'
  readonly day: string
  /** Null for charges to the account. */
  readonly model: string | null
  /** Null where the compared figures are of several tiers or meters. */
  readonly tier: string | null
  readonly meter: Meter | null
  /** Theirs − ours, in units; null for the price part. */
  readonly units: bigint | null
  /** Theirs − ours. */
  readonly amount: QuectoUsd
  /** Price rows or lines of the export that it is about. */
  readonly rows: readonly string[]
  /** What to look at next; empty where nothing is left to do. */
  readonly check: string
}
