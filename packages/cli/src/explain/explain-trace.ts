/** What became of every span of a trace, and whether the ledger says what its evidence says. */
import { type CallRow, callsTable, columnNames, type QuarantineRow } from '@outlay/clickhouse'
import type { RederivedTrace, StoredTrace } from '@outlay/collector'
import type { MeterQuantities } from '@outlay/core'
import { isDeepStrictEqual } from 'node:util'
import { standing } from './entry-facts.ts'

export interface ExplainedSpan {
  readonly span_id: string
  readonly parent_span_id: string | null
  readonly name: string
  /** As in `outlay normalize`; `plain` has nothing to do with models. */
  readonly disposition: string
  readonly covered_by: string | null
  readonly calls_below: number
  readonly rule: string | null
  readonly usage_status: string | null
  readonly meters: MeterQuantities
}

type Becomes = Omit<ExplainedSpan, 'span_id' | 'parent_span_id' | 'name'>

const PLAIN: Becomes = {
  disposition: 'plain',
  covered_by: null,
  calls_below: 0,
  rule: null,
  usage_status: null,
  meters: {},
}

/** By span id: what settlement makes of the stored evidence now. */
const dispositionsOf = (derived: RederivedTrace, refused: ReadonlySet<string>): ReadonlyMap<string, Becomes> => {
  const becomes = new Map<string, Becomes>()
  for (const { key, usageStatus, ruleId, meters } of derived.calls) {
    if (key.part !== 'main') continue
    const lands = usageStatus === 'conflict' || usageStatus === 'absent' ? usageStatus : 'charged'
    const disposition = refused.has(key.spanId) ? 'quarantined' : lands
    becomes.set(key.spanId, { ...PLAIN, disposition, rule: ruleId, usage_status: usageStatus, meters })
  }
  for (const { spanId, disposition, ruleId, usageStatus, meters, about } of derived.listed) {
    becomes.set(spanId, {
      disposition,
      covered_by: about === undefined || about.coveredBy === '' ? null : about.coveredBy,
      calls_below: about?.callsBelow ?? 0,
      rule: ruleId,
      usage_status: usageStatus,
      meters,
    })
  }
  return becomes
}

/** Spans in order of their start. */
export const explainSpans = (trace: StoredTrace, derived: RederivedTrace): readonly ExplainedSpan[] => {
  const refused = new Set(
    [...standing(trace.ledger.quarantine), ...derived.corrections.quarantine]
      .filter(({ sign }) => sign > 0)
      .map(({ span_id }) => span_id),
  )
  const becomes = dispositionsOf(derived, refused)
  const spans = new Map(trace.spans.map(({ span }) => [span.spanId, span]))
  return [...spans.values()]
    .toSorted((a, b) => Number(a.startUnixNano - b.startUnixNano) || (a.spanId < b.spanId ? -1 : 1))
    .map(({ spanId, parentSpanId, name }) => ({
      span_id: spanId,
      parent_span_id: parentSpanId === '' ? null : parentSpanId,
      name,
      ...(becomes.get(spanId) ?? PLAIN),
    }))
}

/** What posting the derivation of today would change. */
export interface Correction {
  readonly span_id: string
  readonly part: string
  readonly what: 'charge' | 'reverse' | 'replace' | 'refuse' | 'release'
  /** Columns that differ, as they stand and as they are derived. */
  readonly changed: readonly { readonly column: string; readonly stored: string; readonly derived: string }[]
}

/** Columns that say how and when a row was posted, not what it says. */
const POSTING: ReadonlySet<string> = new Set<keyof CallRow>([
  ...(['entry_id', 'sign', 'seq', 'reverses', 'reason', 'content_hash', 'posted_at', 'received_at'] as const),
  ...(['rules_version', 'wal_id', 'unit', 'pos'] as const),
])

const textOf = (value: CallRow[keyof CallRow]): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value)

const COLUMNS = columnNames(callsTable) as readonly (keyof CallRow)[]

const changedBetween = (stored: CallRow, derived: CallRow): Correction['changed'] =>
  COLUMNS.flatMap((column) => {
    if (POSTING.has(column) || isDeepStrictEqual(stored[column], derived[column])) return []
    return [{ column, stored: textOf(stored[column]), derived: textOf(derived[column]) }]
  })

const correctionOfCall = (rows: readonly CallRow[]): Correction => {
  const [reversal, charge] = [rows.find(({ sign }) => sign < 0), rows.find(({ sign }) => sign > 0)]
  const { span_id = '', part = '' } = reversal ?? charge ?? {}
  if (reversal && charge) return { span_id, part, what: 'replace', changed: changedBetween(reversal, charge) }
  return { span_id, part, what: charge ? 'charge' : 'reverse', changed: [] }
}

const correctionOfRefusal = ({ span_id, part, sign }: QuarantineRow): Correction => ({
  span_id,
  part,
  what: sign > 0 ? 'refuse' : 'release',
  changed: [],
})

export interface Rederivation {
  /** `gone`: nothing can be derived any more. */
  readonly evidence: 'stored' | 'gone'
  /** The ledger of the whole trace says what its evidence says. */
  readonly agrees: boolean
  /** Evidence arrived after the last posting: settlement may not have come to it yet. */
  readonly pending: boolean
  readonly corrections: readonly Correction[]
}

const NANOS_PER_MS = 1_000_000n

const isPending = ({ places, ledger }: StoredTrace): boolean => {
  const posted = [...ledger.calls, ...ledger.quarantine].map(({ posted_at }) => posted_at * NANOS_PER_MS)
  const lastPosted = posted.reduce((last, at) => (at > last ? at : last), 0n)
  return places.some(({ receivedUnixNano }) => receivedUnixNano > lastPosted)
}

export const explainRederivation = (trace: StoredTrace, { corrections }: RederivedTrace): Rederivation => {
  const byCall = Map.groupBy(corrections.calls, ({ span_id, part }) => `${span_id} ${part}`)
  const all = [...[...byCall.values()].map(correctionOfCall), ...corrections.quarantine.map(correctionOfRefusal)]
  return {
    evidence: trace.places.length === 0 ? 'gone' : 'stored',
    agrees: all.length === 0,
    pending: all.length > 0 && isPending(trace),
    corrections: all,
  }
}
