/**
 * Bands of the KPIs: from which edge on a figure gets which verdict (spec: kpis, dashboards §5). One list feeds the
 * verdict columns of the views and the colours of the dashboards.
 */
import { defineTable, type RowOf } from '#src/tables/table-shape.ts'

export const VERDICTS = ['ok', 'watch', 'warn', 'act', 'low', 'none'] as const
export type Verdict = (typeof VERDICTS)[number]

export interface BandStep {
  /** Edge from which the verdict holds. */
  readonly lower: number
  /** True for upper bounds: the edge itself still belongs to the verdict below. */
  readonly strict: boolean
  readonly verdict: Verdict
}

/** Below every figure; infinity itself does not survive JSON. */
export const BAND_BASE = -1e300
const from = (verdict: Verdict, lower = BAND_BASE): BandStep => ({ lower, strict: false, verdict })
const above = (lower: number, verdict: Verdict): BandStep => ({ lower, strict: true, verdict })

export const BANDS = {
  'tokens.chat': [from('low'), from('watch', 400), from('ok', 800), above(2_000, 'watch'), above(5_000, 'act')],
  'tokens.agent': [from('low'), from('watch', 5_000), from('ok', 8_000), above(20_000, 'watch'), above(40_000, 'act')],
  'tokens.rag': [from('watch'), from('ok', 4_000), above(12_000, 'watch'), above(25_000, 'act')],
  task_variance: [from('ok'), above(5, 'watch'), above(10, 'warn')],
  task_baseline: [from('ok'), above(2, 'act')],
  task_instance: [from('ok'), above(3, 'act')],
  tool_call_factor: [from('watch'), from('ok', 1.5), above(2.5, 'watch')],
  retrieved_context: [from('watch'), from('ok', 3), above(5, 'watch')],
  token_efficiency: [from('act'), from('ok', 0.1)],
  retry_overhead: [from('ok'), above(0.2, 'act')],
  top5_share: [from('ok'), above(0.7, 'watch')],
  seat_ratio: [from('low'), from('watch', 0.002), from('ok', 0.005), above(0.015, 'watch'), above(0.03, 'act')],
  p90_soft: [from('watch'), from('ok', 0.6), above(0.8, 'watch')],
  p99_hard: [from('ok'), above(1, 'act')],
  active_user: [from('ok'), from('act', 2)],
  hot_spot: [from('ok'), above(10, 'warn'), above(30, 'act')],
  trajectory: [from('ok'), above(1.5, 'watch'), above(2, 'warn'), above(5, 'act')],
  cohort_drift: [from('none'), from('ok', 0.2), above(0.4, 'watch')],
  pool: [from('low'), from('ok', 0.3), above(0.9, 'watch')],
  top_user: [from('ok'), above(0.7, 'act')],
  gross_margin: [from('act'), from('watch', 0.4), from('ok', 0.6)],
  cost_to_arr: [from('low'), from('ok', 0.03), above(0.08, 'watch'), above(0.12, 'warn'), above(0.2, 'act')],
  utilization: [from('ok'), above(0.7, 'watch'), above(1, 'act')],
  'overage.hard_cap': [from('low'), from('ok', 0.05), above(0.15, 'watch'), above(0.25, 'act')],
  'overage.payg': [from('low'), from('watch', 0.03), from('ok', 0.05), above(0.15, 'watch'), above(0.25, 'act')],
  'conversion.hard_cap': [from('watch'), from('ok', 0.08)],
  'conversion.soft_cap': [from('watch'), from('ok', 0.05)],
  'conversion.payg': [from('watch'), from('ok', 0.3)],
  degradation: [from('low'), from('watch', 0.05), from('ok', 0.1), above(0.2, 'watch'), above(0.3, 'act')],
  cost_to_revenue: [from('ok'), above(0.08, 'watch'), above(0.12, 'warn'), above(0.2, 'act')],
  cache: [from('act'), from('watch', 0.4), from('ok', 0.7)],
  priced: [from('act'), from('watch', 0.98), from('ok', 1)],
  unattributed: [from('ok'), above(0, 'watch'), above(0.01, 'act')],
  lag_s: [from('ok'), above(60, 'watch'), above(300, 'act')],
} as const satisfies Record<string, readonly BandStep[]>

export type BandId = keyof typeof BANDS

export const bandsTable = defineTable('bands', {
  version: 'millis',
  band: 'string',
  lower: 'double',
  strict: 'uint8',
  verdict: 'string',
  origin: 'string',
})
export type BandRow = RowOf<typeof bandsTable>

/** The bands as rows of one version; configured ones stand in for the packaged ones of their id. */
export const bandRows = (
  versionMs: number,
  configured: Readonly<Partial<Record<BandId, readonly BandStep[]>>>,
): readonly BandRow[] =>
  (Object.entries(BANDS) as [BandId, readonly BandStep[]][]).flatMap(([band, packaged]) => {
    const steps = configured[band] ?? packaged
    const origin = isSame(steps, packaged) ? 'packaged' : 'file'
    return steps.map(({ lower, strict, verdict }) => ({
      version: BigInt(versionMs),
      band,
      lower,
      strict: strict ? 1 : 0,
      verdict,
      origin,
    }))
  })

const isSame = (a: readonly BandStep[], b: readonly BandStep[]): boolean =>
  a.length === b.length &&
  a.every(({ lower, strict, verdict }, index) => {
    const other = b[index]
    return lower === other?.lower && strict === other.strict && verdict === other.verdict
  })
