/** Our side of a reconciliation, shaped so that one SQL query over the ledger and its price windows can fill it. */
import type { FemtoUsd, Meter } from '@outlay/core'
import type { ChargeKind } from '#src/reconcile/provider-export.ts'

/** How many units of a row could explain a difference, at most; absent = none. */
export interface Evidence {
  /** Received, but not settled into the ledger yet: not part of `quantity`. */
  readonly unsettled?: bigint
  /** Part of `quantity` whose tier no span reported (flag `tier_assumed`). */
  readonly tierAssumed?: bigint
  /** Part of `quantity` that stands beside another charge for the same provider response. */
  readonly doubleCounted?: bigint
  /** What retried, aborted or partly reported calls may have used beyond, or short of, what was counted. */
  readonly retriesOrAborts?: bigint
  /** Part of `quantity` so late in the day that the provider may book it on the next: it ended there, or clocks differ. */
  readonly nextDay?: bigint
  /** Part of `quantity` so early in the day that the provider may book it on the one before. */
  readonly previousDay?: bigint
}

/** Net use of one UTC day × model × tier × meter at one price. Several rows of one key are summed. */
export interface LedgerUsage {
  /** `2026-11-21`, UTC day of the start of the calls. */
  readonly day: string
  readonly model: string
  /** Canonical tier. */
  readonly tier: string
  readonly meter: Meter
  /** Net units: charges minus reversals. */
  readonly quantity: bigint
  /** Femto-dollars per unit; null = the book has no price. */
  readonly fusd: bigint | null
  /** Ninths of a femto-dollar per unit beside `fusd`, 0–8. */
  readonly ninths: number
  /** The price row, in words that find it again. */
  readonly row: string
  readonly evidence?: Evidence
}

/** A fact of `account_charges`: what the provider bills to the account and no call can carry. */
export interface LedgerCharge {
  /** `2026-11-21`, or `2026-11` for a charge of the month. */
  readonly period: string
  readonly kind: Exclude<ChargeKind, 'usage'>
  /** The provider's words for it; equal words match, whatever their case. */
  readonly label: string
  /** Negative for credits and allowances. */
  readonly amount: FemtoUsd
  /** Set for an allowance or credit on one model that the provider takes off its lines instead of listing it. */
  readonly model?: string
}

/** A price other than the one the ledger used that would explain what the provider charged. */
export interface KnownPrice {
  readonly cause: 'stale_price' | 'contract'
  readonly model: string
  /** Null = any tier. */
  readonly tier: string | null
  readonly meter: Meter
  /** UTC days, half open; null = open. */
  readonly from: string
  readonly to: string | null
  readonly fusd: bigint
  readonly ninths: number
  readonly row: string
  /** Prices that hold together (a revision, a card): lines that are billed as one are tried at all prices of one set. */
  readonly set?: string
}
export interface LedgerSide {
  /**
   * Rows of the day before the first exported day and of the day after the last are welcome: they are not compared, but
   * they tell which calls around midnight stand on the other side of it.
   */
  readonly usage: readonly LedgerUsage[]
  readonly charges?: readonly LedgerCharge[]
}

export interface ReconcileOptions {
  /** Both sides' model names → one spelling, e.g. by the price book's name tables. Default: as they are. */
  readonly canonicalModel?: (model: string, day: string, side: 'theirs' | 'ours') => string
  /** Projects or workspaces that send spans; use of any other is `not_instrumented`. Default: not known. */
  readonly instrumentedProjects?: readonly string[]
  readonly knownPrices?: readonly KnownPrice[]
  /** Unexplained share of a month that is still fine, in 1/1000. Default 5. */
  readonly goalPermille?: number
}
