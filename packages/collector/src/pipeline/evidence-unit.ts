/**
 * A range of records as one unit of evidence rows, with the traces that it touches. A record that cannot be read holds
 * nothing up: it is named, and the others are built.
 */
import { spanColumns, spansTable, UnitEncoder, type WrittenSpan } from '@outlay/clickhouse'
import { limits, NANOS_PER_MS, type Steps } from '@outlay/core'
import { isGenAiSpan, type SpanEvidence, speaksOwnDialect } from '@outlay/semconv'
import type { EvidenceMemory, RequestPart } from '#src/ledger/evidence-memory.ts'
import { type Arrival, traceKeyOf } from '#src/ledger/trace-queue.ts'
import type { Wal, WalRecord } from '#src/wal/index.ts'
import type { ClaimReason } from './bind-tenant.ts'
import { type LoggedSpan, LoggedRequest } from './logged-request.ts'
import type { MapAttribution } from './map-attribution.ts'
import type { CountedBlock, OutgoingUnit } from './sealed-manifest.ts'
import { writtenSpanOf } from './span-rows.ts'
import type { StoredRanges } from './stored-ranges.ts'

/** A trace that got new evidence. */
export interface TouchedTrace extends Arrival {
  /** What the unit stores of it; less than it has where some is stored already. */
  readonly evidence: readonly RequestPart[]
}

/** A record that was acked and cannot be made into rows: a mistake of ours. */
export interface UnreadableRecord {
  readonly record: WalRecord
  readonly error: unknown
}

export interface EvidenceUnit {
  readonly unit: OutgoingUnit
  readonly traces: readonly TouchedTrace[]
  /** Spans that named a tenant which does not hold, by why. */
  readonly claims: ReadonlyMap<ClaimReason, number>
  readonly unreadable: readonly UnreadableRecord[]
  /** Requests that are held in memory until they are dismissed. */
  readonly admitted: readonly LoggedRequest[]
  /** Spans whose own clock is taken for wrong. */
  readonly skewed: Readonly<Record<ClockSkew, number>>
}

/** Ahead of our clock, or behind it, by more than is believed (collector §8.3). */
export type ClockSkew = 'ahead' | 'behind'

interface Building {
  readonly stored: StoredRanges
  readonly mapAttribution: MapAttribution
  readonly memory: Pick<EvidenceMemory, 'admit'>
  readonly nowMs: number
}

/** The records are of one log and of one receive day. Some of their spans at a step, then one column. */
export function* buildingEvidenceUnit(
  wal: Wal,
  records: readonly WalRecord[],
  { stored, mapAttribution, memory, nowMs }: Building,
): Steps<EvidenceUnit> {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) throw new Error('BUG: an evidence unit needs records')
  const rows = new UnitEncoder(spansTable.table, spanColumns)
  const seen = new SeenSpans()
  const unreadable: UnreadableRecord[] = []
  const admitted: LoggedRequest[] = []
  for (const record of records) {
    try {
      const request = new LoggedRequest(record, mapAttribution)
      const isStored = stored.has(record)
      const spans = yield* decoding(request)
      if (!isStored) yield* rows.appending(spans.map(({ written }) => written))
      for (const { logged } of spans) seen.add(logged, isStored ? undefined : request)
      if (!isStored && memory.admit(request)) admitted.push(request)
    } catch (error) {
      unreadable.push({ record, error })
    }
    yield
  }
  const range = `${first.lsn}-${last.lsn}`
  const blocks: CountedBlock[] = []
  if (rows.rows > 0) {
    const token = `${first.walUuid}:${wal.epoch}:${range}:${spansTable.table}`
    blocks.push({ ...(yield* rows.finishing(token)), rows: rows.rows })
  }
  return {
    unit: {
      name: `evidence-${range}`,
      kind: 'evidence',
      lastLsn: last.lsn,
      walId: first.walUuid,
      sealedAtMs: nowMs,
      blocks,
    },
    traces: seen.traces(),
    claims: seen.claims,
    unreadable,
    admitted,
    skewed: seen.skewed,
  }
}

/** Spans that are decoded at a step. */
const SPANS_PER_STEP = 256

interface DecodedSpan {
  readonly logged: LoggedSpan
  readonly written: WrittenSpan
}

/** All of a request before any of it counts: a record is good as a whole or not at all. */
function* decoding(request: LoggedRequest): Steps<readonly DecodedSpan[]> {
  const spans: DecodedSpan[] = []
  for (let pos = 0; pos < request.length; pos += 1) {
    if (pos % SPANS_PER_STEP === SPANS_PER_STEP - 1) yield
    const logged = request.span(pos)
    spans.push({ logged, written: writtenSpanOf(logged, logged.claimedTenant) })
  }
  return spans
}

const PAST_MAX_NANO = BigInt(limits.clockPastMsMax) * NANOS_PER_MS
const FUTURE_MAX_NANO = BigInt(limits.clockFutureMsMax) * NANOS_PER_MS

const skewOf = ({ startUnixNano, receivedUnixNano }: SpanEvidence): ClockSkew | undefined => {
  if (startUnixNano > receivedUnixNano + FUTURE_MAX_NANO) return 'ahead'
  return startUnixNano < receivedUnixNano - PAST_MAX_NANO ? 'behind' : undefined
}

/** What the spans of a unit say, beside their rows. */
class SeenSpans {
  /** In the order of their first span. */
  readonly #traces = new Map<string, TraceBuilder>()
  readonly claims = new Map<ClaimReason, number>()
  readonly skewed: Record<ClockSkew, number> = { ahead: 0, behind: 0 }

  /** `request`: what the unit stores it from; undefined where it is stored already. */
  add({ span, lsn, pos, reason }: LoggedSpan, request: LoggedRequest | undefined): void {
    const skew = skewOf(span)
    if (skew !== undefined) this.skewed[skew] += 1
    if (reason !== undefined) this.claims.set(reason, (this.claims.get(reason) ?? 0) + 1)
    const trace = this.#traceOf(span, lsn)
    // A plain span between GenAI spans is evidence for ancestry and says nothing about the dialect.
    trace.spans += 1
    trace.ownDialect &&= !isGenAiSpan(span) || speaksOwnDialect(span)
    if (request === undefined) return
    const part = trace.evidence.at(-1)
    if (part?.request === request) part.positions.push(pos)
    else trace.evidence.push({ request, positions: [pos] })
  }

  #traceOf(span: SpanEvidence, lsn: bigint): TraceBuilder {
    const { authority, traceId } = span
    const key = traceKeyOf(span)
    let trace = this.#traces.get(key)
    if (trace === undefined) {
      trace = { authority, traceId, ownDialect: true, firstLsn: lsn, spans: 0, evidence: [] }
      this.#traces.set(key, trace)
    }
    return trace
  }

  traces(): readonly TouchedTrace[] {
    return [...this.#traces.values()]
  }
}

interface TraceBuilder extends TouchedTrace {
  ownDialect: boolean
  spans: number
  readonly evidence: { readonly request: LoggedRequest; readonly positions: number[] }[]
}
