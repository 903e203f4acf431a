/** The provider's own figures, read from saved exports into one shape for both providers. */
import type { Meter } from '@outlay/core'
import type { ExportNote } from '#src/reconcile/export-findings.ts'
import type { QuectoUsd } from '#src/reconcile/quecto-usd.ts'

export const RECONCILE_PROVIDERS = ['openai', 'anthropic'] as const
export type ReconcileProvider = (typeof RECONCILE_PROVIDERS)[number]

/** One disjoint quantity of one UTC day. */
export interface UsageLine {
  /** `2026-11-21`, UTC. */
  readonly day: string
  /** As the provider writes it. */
  readonly model: string
  /** Canonical tier; null where the export is not grouped by tier. */
  readonly tier: string | null
  readonly meter: Meter
  readonly quantity: bigint
  /** Project or workspace; null where the export is not grouped by it. */
  readonly project: string | null
}

/** `usage`: a model's or a tool's use. The others stand beside the totals and are never spread over calls. */
export type ChargeKind = 'usage' | 'account' | 'credit' | 'tax' | 'free_allowance'

/** One line of money of one UTC day. */
export interface CostLine {
  readonly day: string
  /** The provider's own words. */
  readonly label: string
  readonly kind: ChargeKind
  /** Null for what is not billed per model. */
  readonly model: string | null
  /** Canonical tier; `standard` where the line names none. */
  readonly tier: string
  /** What the line pays for; null = everything the model used. */
  readonly meters: readonly Meter[] | null
  readonly amount: QuectoUsd
  /** Units billed, where the provider says so. */
  readonly quantity: bigint | null
}

export interface ProviderExport {
  readonly provider: ReconcileProvider
  readonly usage: readonly UsageLine[]
  readonly costs: readonly CostLine[]
  /** Days for which usage was exported, each with the meters that the exports can show. */
  readonly usageDays: ReadonlyMap<string, ReadonlySet<Meter>>
  /** Days for which money was exported, also those without any. */
  readonly costDays: ReadonlySet<string>
  readonly notes: readonly ExportNote[]
}

/** Where readers put what they find. */
export interface ExportBuilder {
  readonly usage: UsageLine[]
  readonly costs: CostLine[]
  readonly usageDays: Map<string, Set<Meter>>
  readonly costDays: Set<string>
}

/** Records that the usage exports show these meters on that day, whether or not any was used. */
export const coverUsage = ({ usageDays }: ExportBuilder, day: string, meters: readonly Meter[]): void => {
  const known = usageDays.get(day) ?? new Set<Meter>()
  for (const meter of meters) known.add(meter)
  usageDays.set(day, known)
}
