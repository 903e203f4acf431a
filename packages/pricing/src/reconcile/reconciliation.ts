/** The result of a reconciliation. All amounts are exact, and every sum in it is a sum of its parts. */
import type { Meter } from '@outlay/core'
import type { Cause, Finding } from '#src/reconcile/finding.ts'
import type { ExportNote } from '#src/reconcile/export-findings.ts'
import type { AccountLine } from '#src/reconcile/account-charges.ts'
import type { ReconcileProvider } from '#src/reconcile/provider-export.ts'
import type { QuectoUsd, UnitPrice } from '#src/reconcile/quecto-usd.ts'

/** Compared quantities of one UTC day × model × tier × meter. */
export interface ComparedQuantity {
  readonly day: string
  readonly model: string
  /** `*` where the export is not grouped by tier. */
  readonly tier: string
  readonly meter: Meter
  readonly ours: bigint
  /** Null where no export shows it. */
  readonly theirs: bigint | null
  readonly unexplained: bigint
  /** Exact price of a unit by our book. */
  readonly price: UnitPrice | null
}

/** Compared money: the provider's lines beside everything of ours they pay for. */
export interface ComparedMoney {
  readonly day: string
  readonly labels: readonly string[]
  readonly quantities: readonly ComparedQuantity[]
  /** False where no costs of the day were exported: theirs is then their quantities at our prices. */
  readonly charged: boolean
  readonly theirs: QuectoUsd
  readonly ours: QuectoUsd
  /** Σ (q_theirs − q_ours) · p_ours. */
  readonly quantityPart: QuectoUsd
  /** Σ q_theirs · (p_theirs − p_ours). */
  readonly pricePart: QuectoUsd
  /** Exact, where the lines pay for one meter; p_theirs = amount ÷ quantity. */
  readonly theirPrice: UnitPrice | null
  readonly findings: readonly Finding[]
}

export interface Totals {
  readonly theirs: QuectoUsd
  readonly ours: QuectoUsd
  /** theirs − ours = quantity + price + unexplained, to the last digit. */
  readonly difference: QuectoUsd
  /** Explained part of the quantity differences. */
  readonly quantity: QuectoUsd
  /** Explained part of the price differences and charges. */
  readonly price: QuectoUsd
  readonly unexplained: QuectoUsd
  readonly byCause: Readonly<Record<Cause, QuectoUsd>>
}

export interface MonthResult {
  /** `2026-11`, UTC. */
  readonly month: string
  /** Use charged by the provider, without credits, taxes and allowances: what the goal is a share of. */
  readonly billed: QuectoUsd
  /** Sum of the magnitudes: opposite errors do not excuse each other. */
  readonly unexplained: QuectoUsd
  readonly withinGoal: boolean
}

export interface Reconciliation {
  readonly provider: ReconcileProvider
  /** First and last UTC day compared. */
  readonly from: string
  readonly to: string
  readonly totals: Totals
  readonly money: readonly ComparedMoney[]
  readonly account: readonly AccountLine[]
  /** Everything that differs, largest first. */
  readonly findings: readonly Finding[]
  /** Of those, what has no cause. */
  readonly unexplained: readonly Finding[]
  readonly months: readonly MonthResult[]
  readonly goalPermille: number
  readonly withinGoal: boolean
  readonly notes: readonly ExportNote[]
}
