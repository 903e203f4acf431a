/** What the oracle knows: the calls that stand after all reversals, the refused ones, and the facts. No SQL, no counters. */
import type { CallRow, QuarantineRow, RevenueFact, TenantFact, TierFact, UserFact } from '@outlay/clickhouse'
import type { Meter } from '@outlay/core'

/** Everything that a view may be asked, with nothing left out. Times are Unix seconds. */
export interface Asked {
  readonly from_time: number
  readonly to_time: number
  readonly as_of: number
  readonly step: number
  readonly by: string
  readonly top: number
  readonly min_ratio: number
  readonly feature: string
  readonly dimension: string
  readonly tenants: readonly string[]
  readonly features: readonly string[]
  readonly tiers: readonly string[]
  readonly workloads: readonly string[]
  readonly models: readonly string[]
  readonly environments: readonly string[]
  readonly book: string
}

/** Usage with its prices: what a call or a refused call costs under one book. Money is in ninths of femto-dollars. */
export interface Priced {
  readonly slot: number
  /** 1 for a call, 0 for a part of one that bills as its own row. */
  readonly counts: 0 | 1
  readonly quantities: ReadonlyMap<Meter, bigint>
  /** Per unit; a meter that is not here has no price. */
  readonly prices: ReadonlyMap<Meter, bigint>
  /** What is priced of it. */
  readonly cost9: bigint
  readonly missing: readonly Meter[]
  readonly unpriced: boolean
}

export interface PricedCall extends Priced {
  readonly row: CallRow
  readonly inputTokens: bigint
  readonly outputTokens: bigint
  readonly output9: bigint
  readonly effective: number
  /** At the price of the model that was asked for; undefined where a used meter has none there. */
  readonly intended9: bigint | undefined
}

export interface PricedRefusal extends Priced {
  readonly row: QuarantineRow
}

/** Facts carry when they were loaded, since of two that start at once the later one holds. */
export type Loaded<Fact> = Fact & { readonly loaded_at: bigint }

export interface PlanEvent {
  readonly tenant: string
  readonly user: string
  readonly kind: string
  readonly from_tier: string
  readonly to_tier: string
  readonly at: number
}

export interface Engagement {
  readonly tenant: string
  readonly user: string
  readonly signal: string
  readonly score: number | null
  readonly valid_from: number
}

export interface Facts {
  readonly tenants: readonly Loaded<TenantFact>[]
  readonly users: readonly Loaded<UserFact>[]
  readonly tiers: readonly Loaded<TierFact>[]
  readonly revenue: readonly Loaded<RevenueFact>[]
  readonly planEvents: readonly Loaded<PlanEvent>[]
  readonly engagement: readonly Loaded<Engagement>[]
}

export interface OracleLedger {
  readonly facts: Facts
  /** Every charge ever posted, reversed ones included. */
  readonly charges: readonly CallRow[]
  /** The calls that stand, priced under a book of that name. */
  calls(book: string): readonly PricedCall[]
  /** Every charge ever posted, priced the same: what a maximum keeps. */
  everCharged(book: string): readonly PricedCall[]
  /** The refused calls that stand, priced by the list. */
  refusals(book: string): readonly PricedRefusal[]
}
