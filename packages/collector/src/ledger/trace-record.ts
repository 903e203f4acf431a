/**
 * What is stored of one trace, cut at the instant at which the trace closes (spec: counters §11, "Forgetting").
 *
 * Candidates of a trace are compared with each other for a limited time after the first of them arrived. What arrives
 * later finds a closed trace: it is settled without the spans before it, and what they were billed stands. The cut depends
 * on receive times alone, so that a restart or a long outage of the database does not move it.
 */
import type { CallRow, QuarantineRow, SpanRow } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import type { OpenLedger } from './plan-entries.ts'

export interface StoredTrace {
  readonly authority: string
  readonly traceId: string
  readonly spans: readonly SpanRow[]
  readonly ledger: OpenLedger
}

/** Spans that are settled together, and the entries that their settlement may correct. */
export interface TracePart {
  readonly spans: readonly SpanRow[]
  readonly ledger: OpenLedger
  /** They arrived after their trace had closed. */
  readonly orphans: boolean
}

/** Which log record is the first that was not settled yet; absent where nothing new arrived. */
export interface Unsettled {
  readonly walId: string
  readonly fromLsn: bigint | undefined
}

const NANOS_PER_MS = 1_000_000n
const CANDIDATE_TTL_NANOS = BigInt(limits.candidateTtlMs) * NANOS_PER_MS

/** The parts of a trace that want evaluation now: those that are open still, or hold what was not settled yet. */
export const partsToSettle = (trace: StoredTrace, nowMs: number, unsettled: Unsettled): readonly TracePart[] => {
  // Entries count as well: they outlive the evidence.
  const closesAt = closingOf([...trace.spans, ...trace.ledger.calls])
  const candidates = trace.spans.filter(({ received_at }) => received_at < closesAt)
  const late = trace.spans.filter(({ received_at }) => received_at >= closesAt)
  const orphans = withoutResent(late, trace.ledger, new Set(candidates.map(({ span_id }) => span_id)))
  const now = BigInt(nowMs) * NANOS_PER_MS
  const isDue = (spans: readonly SpanRow[], closing: bigint): boolean =>
    spans.length > 0 && (now < closing || spans.some((span) => isUnsettled(span, unsettled)))
  return [
    ...(isDue(candidates, closesAt) ? [partOf(candidates, trace.ledger, false)] : []),
    ...(isDue(orphans, closingOf(orphans)) ? [partOf(orphans, trace.ledger, true)] : []),
  ]
}

const NEVER = 2n ** 63n

/** A time to live after the first of them was received. */
const closingOf = (rows: readonly (SpanRow | CallRow)[]): bigint =>
  rows.reduce((first, { received_at }) => (received_at < first ? received_at : first), NEVER) + CANDIDATE_TTL_NANOS

export const isUnsettled = ({ wal_id, lsn }: SpanRow, { walId, fromLsn }: Unsettled): boolean =>
  fromLsn !== undefined && wal_id === walId && lsn >= fromLsn

/** A span that the trace had already is no late one: what is closed stays as it was settled. */
const withoutResent = (
  late: readonly SpanRow[],
  { calls, quarantine }: OpenLedger,
  known: ReadonlySet<string>,
): readonly SpanRow[] => {
  if (late.length === 0) return late
  const firstPosted = new Map<string, bigint>()
  for (const { span_id, posted_at } of [...calls, ...quarantine]) {
    const first = firstPosted.get(span_id)
    if (first === undefined || posted_at < first) firstPosted.set(span_id, posted_at)
  }
  return late.filter(({ span_id, received_at }) => {
    const postedAt = firstPosted.get(span_id)
    return !known.has(span_id) && (postedAt === undefined || postedAt * NANOS_PER_MS >= received_at)
  })
}

/** An entry may be corrected only where the evidence it was made of is at hand. */
const partOf = (spans: readonly SpanRow[], ledger: OpenLedger, orphans: boolean): TracePart => {
  const ids = new Set(spans.map(({ span_id }) => span_id))
  const isOfPart = ({ span_id }: CallRow | QuarantineRow): boolean => ids.has(span_id)
  return {
    spans,
    ledger: { calls: ledger.calls.filter(isOfPart), quarantine: ledger.quarantine.filter(isOfPart) },
    orphans,
  }
}
