/** Rows of the ledger → what they say, in the shapes of `--json`: without what was not given. */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { METERS, type MeterQuantities, UNIT_METERS } from '@outlay/core'
import type { UsageStatus } from '@outlay/semconv'

const NANOS_PER_MS = 1_000_000n
const UNITS: ReadonlySet<string> = new Set(UNIT_METERS)

export const instantOfNanos = (nanos: bigint): string => new Date(Number(nanos / NANOS_PER_MS)).toISOString()
const instantOfMs = (milliseconds: bigint): string => new Date(Number(milliseconds)).toISOString()

/** Non-zero meters in their order. */
export const metersOf = (row: CallRow): MeterQuantities =>
  Object.fromEntries(
    METERS.flatMap((meter) => {
      const quantity = UNITS.has(meter) ? (row.units[meter] ?? 0) : Number(Reflect.get(row, meter))
      return quantity > 0 ? [[meter, quantity]] : []
    }),
  )

const USAGE_STATUSES: readonly UsageStatus[] = ['reported', 'partial', 'estimated', 'absent', 'conflict']

export const usageStatusOf = (text: string): UsageStatus => {
  const status = USAGE_STATUSES.find((known) => known === text)
  if (status === undefined) throw new Error(`BUG: the ledger has no usage status ${text}`)
  return status
}

const SELECTORS = [
  ...(['provider', 'host', 'request_model', 'response_model', 'service_tier', 'batch', 'speed', 'region'] as const),
] satisfies (keyof CallRow)[]
const ATTRIBUTION = [
  ...(['tenant', 'user', 'subject', 'feature', 'route', 'workload', 'task', 'task_type', 'parent_task'] as const),
  ...(['session', 'turn', 'tool', 'agent', 'prompt_version', 'effort', 'tier', 'environment', 'service'] as const),
  ...(['leaf', 'attempt', 'outcome'] as const),
] satisfies (keyof CallRow)[]

type Given = Readonly<Record<string, string | number>>

const givenIn = (row: CallRow, columns: readonly (keyof CallRow)[]): Given =>
  Object.fromEntries(
    columns.flatMap((column): [string, string | number][] => {
      const value = row[column]
      return value === '' || value === 0 || (typeof value !== 'string' && typeof value !== 'number')
        ? []
        : [[column, value]]
    }),
  )

/** One entry without its money. */
export interface EntryFacts {
  readonly entry_id: string
  readonly part: string
  readonly sign: number
  readonly seq: number
  readonly reason: string
  readonly reverses: string | null
  readonly posted_at: string
  readonly time: string
  readonly duration_ms: number
  readonly meters: MeterQuantities
  readonly input_total: number
  readonly output_total: number
  readonly usage_status: string
  readonly inclusion: string
  readonly cache_split: string
  readonly billable_reason: string
  readonly flags: readonly string[]
  readonly rule: string
  readonly rules_version: string
  readonly scope: { readonly name: string; readonly version: string }
  readonly selectors: Given
  readonly attribution: Given
  readonly response_id: string
  readonly intended_model: string
  readonly overage: { readonly pattern: string; readonly action: string }
  readonly reported_cost: { readonly usd: string; readonly source: string } | null
}

export const entryFactsOf = (row: CallRow): EntryFacts => ({
  entry_id: row.entry_id,
  part: row.part,
  sign: row.sign,
  seq: row.seq,
  reason: row.reason,
  reverses: row.sign > 0 ? null : row.reverses,
  posted_at: instantOfMs(row.posted_at),
  time: instantOfNanos(row.time),
  duration_ms: Number(row.duration_ns / NANOS_PER_MS),
  meters: metersOf(row),
  input_total: row.input_total,
  output_total: row.output_total,
  usage_status: row.usage_status,
  inclusion: row.inclusion,
  cache_split: row.cache_split,
  billable_reason: row.billable_reason,
  flags: row.flags,
  rule: row.rule_id,
  rules_version: row.rules_version,
  scope: { name: row.scope_name, version: row.scope_version },
  selectors: givenIn(row, SELECTORS),
  attribution: givenIn(row, ATTRIBUTION),
  response_id: row.response_id,
  intended_model: row.intended_model,
  overage: { pattern: row.overage_pattern, action: row.overage_action },
  reported_cost: row.reported_cost === '' ? null : { usd: row.reported_cost, source: row.reported_cost_source },
})

/** One refusal: a call or a sum that stands in quarantine, or its release. */
export interface RefusalFacts {
  readonly trace_id: string
  readonly span_id: string
  readonly part: string
  readonly sign: number
  readonly seq: number
  readonly reason: string
  readonly missing: readonly string[]
  readonly posted_at: string
  readonly time: string
  readonly provider: string
  readonly model: string
  readonly meters: MeterQuantities
}

export const refusalFactsOf = (row: QuarantineRow): RefusalFacts => ({
  trace_id: row.trace_id,
  span_id: row.span_id,
  part: row.part,
  sign: row.sign,
  seq: row.seq,
  reason: row.reason,
  missing: row.missing,
  posted_at: instantOfMs(row.posted_at),
  time: instantOfNanos(row.time),
  provider: row.provider,
  model: row.model,
  meters: row.meters,
})

interface Posted {
  readonly authority: string
  readonly trace_id: string
  readonly span_id: string
  readonly part: string
  readonly seq: number
  readonly sign: number
  readonly content_hash: string
}

const chargeKeyOf = ({ authority, trace_id, span_id, part, seq, content_hash }: Posted): string =>
  JSON.stringify([authority, trace_id, span_id, part, seq, content_hash])

/**
 * Charges (or refusals) that nothing reversed: what stands now. Each reversal takes one charge back, since two collectors
 * may have posted one at once, of which one was taken back.
 */
export const standing = <Row extends Posted>(rows: readonly Row[]): readonly Row[] => {
  const reversals = new Map<string, number>()
  for (const row of rows.filter(({ sign }) => sign < 0)) {
    reversals.set(chargeKeyOf(row), (reversals.get(chargeKeyOf(row)) ?? 0) + 1)
  }
  return rows
    .filter(({ sign }) => sign > 0)
    .toReversed()
    .filter((row) => {
      const key = chargeKeyOf(row)
      const left = reversals.get(key) ?? 0
      reversals.set(key, left - 1)
      return left <= 0
    })
    .toReversed()
}
