/**
 * What is stored of one trace, cut at the instant at which the trace closes (spec: counters §11, "Forgetting").
 *
 * Candidates of a trace are compared with each other for a limited time after the first of them arrived. What arrives
 * later finds a closed trace: it is settled without the spans before it, and what they were billed stands. The cut depends
 * on receive times alone, so that a restart or a long outage of the database does not move it.
 */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import type { SpanPlace, StoredSpan } from '#src/pipeline/span-rows.ts'
import type { OpenLedger } from './plan-entries.ts'
import type { TraceId } from './trace-queue.ts'

export interface StoredTrace {
  readonly authority: string
  readonly traceId: string
  /** Where its spans stand in logs. */
  readonly places: readonly SpanPlace[]
  /** The spans at these places. They may be decoded whenever they are asked for: to be asked for once, and let go. */
  readonly spans: readonly StoredSpan[]
  readonly ledger: OpenLedger
}

/** A trace whose spans are at hand. */
export const traceOf = (
  { authority, traceId }: TraceId,
  spans: readonly StoredSpan[],
  ledger: OpenLedger,
): StoredTrace => ({ authority, traceId, places: spans, spans, ledger })

/** Spans that are settled together, and the entries that their settlement may correct. */
export interface TracePart {
  readonly spans: readonly StoredSpan[]
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
  const { spans, ledger } = trace
  // Entries count as well: they outlive the evidence.
  const closesAt = closingOf([...receiptsOf(spans), ...ledger.calls.map(({ received_at }) => received_at)])
  const candidates = spans.filter(({ receivedUnixNano }) => receivedUnixNano < closesAt)
  const late = spans.filter(({ receivedUnixNano }) => receivedUnixNano >= closesAt)
  const orphans = withoutResent(late, ledger, new Set(candidates.map(({ span }) => span.spanId)))
  const now = BigInt(nowMs) * NANOS_PER_MS
  const isDue = (part: readonly StoredSpan[], closing: bigint): boolean =>
    part.length > 0 && (now < closing || part.some((span) => isUnsettled(span, unsettled)))
  return [
    ...(isDue(candidates, closesAt) ? [partOf(candidates, ledger, false)] : []),
    ...(isDue(orphans, closingOf(receiptsOf(orphans))) ? [partOf(orphans, ledger, true)] : []),
  ]
}

const NEVER = 2n ** 63n

/** A time to live after the first of them was received. */
const closingOf = (receipts: readonly bigint[]): bigint =>
  receipts.reduce((first, received) => (received < first ? received : first), NEVER) + CANDIDATE_TTL_NANOS

const receiptsOf = (spans: readonly SpanPlace[]): readonly bigint[] => spans.map((span) => span.receivedUnixNano)

export const isUnsettled = (span: SpanPlace, { walId, fromLsn }: Unsettled): boolean =>
  fromLsn !== undefined && span.walId === walId && span.lsn >= fromLsn

/** A span that the trace had already is no late one: what is closed stays as it was settled. */
const withoutResent = (
  late: readonly StoredSpan[],
  { calls, quarantine }: OpenLedger,
  known: ReadonlySet<string>,
): readonly StoredSpan[] => {
  if (late.length === 0) return late
  const firstPosted = new Map<string, bigint>()
  for (const { span_id, posted_at } of [...calls, ...quarantine]) {
    const first = firstPosted.get(span_id)
    if (first === undefined || posted_at < first) firstPosted.set(span_id, posted_at)
  }
  return late.filter(({ span: { spanId }, receivedUnixNano }) => {
    const postedAt = firstPosted.get(spanId)
    return !known.has(spanId) && (postedAt === undefined || postedAt * NANOS_PER_MS >= receivedUnixNano)
  })
}

/** An entry may be corrected only where the evidence it was made of is at hand. */
const partOf = (spans: readonly StoredSpan[], ledger: OpenLedger, orphans: boolean): TracePart => {
  const ids = new Set(spans.map(({ span }) => span.spanId))
  const isOfPart = ({ span_id }: CallRow | QuarantineRow): boolean => ids.has(span_id)
  return {
    spans,
    ledger: { calls: ledger.calls.filter(isOfPart), quarantine: ledger.quarantine.filter(isOfPart) },
    orphans,
  }
}
