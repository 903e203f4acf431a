/**
 * A range of records as one unit of evidence rows, with the traces that it touches. A record that cannot be read holds
 * nothing up: it is named, and the others are built.
 */
import { type EncodedUnit, encodingUnit, type SpanRow, spansTable } from '@outlay/clickhouse'
import { limits, NANOS_PER_MS, type Steps } from '@outlay/core'
import { isGenAiSpan, type SpanEvidence, speaksOwnDialect } from '@outlay/semconv'
import { type Arrival, traceKeyOf } from '#src/ledger/trace-queue.ts'
import { decodeTraceRequest } from '#src/otlp/index.ts'
import type { Wal, WalRecord } from '#src/wal/index.ts'
import { bindTenant, type ClaimReason } from './bind-tenant.ts'
import type { MapAttribution } from './map-attribution.ts'
import type { OutgoingUnit } from './sealed-manifest.ts'
import { spanRowOf } from './span-rows.ts'
import type { StoredRanges } from './stored-ranges.ts'

/** A trace that got new evidence. */
export interface TouchedTrace extends Arrival {
  /** What the unit stores of it; less than it has where some is stored already. */
  readonly rows: readonly SpanRow[]
  /** Size of these spans in their records, about. */
  readonly bytes: number
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
  /** Spans whose own clock is taken for wrong. */
  readonly skewed: Readonly<Record<ClockSkew, number>>
}

/** Ahead of our clock, or behind it, by more than is believed (collector §8.3). */
export type ClockSkew = 'ahead' | 'behind'

interface Building {
  readonly stored: StoredRanges
  readonly mapAttribution: MapAttribution
  readonly nowMs: number
}

/** The records are of one log and of one receive day. One of them at a step, then one column. */
export function* buildingEvidenceUnit(
  wal: Wal,
  records: readonly WalRecord[],
  { stored, mapAttribution, nowMs }: Building,
): Steps<EvidenceUnit> {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) throw new Error('BUG: an evidence unit needs records')
  const traces = new TouchedTraces()
  const claims = new Map<ClaimReason, number>()
  const unreadable: UnreadableRecord[] = []
  const skewed = { ahead: 0, behind: 0 }
  const rows: SpanRow[] = []
  const range = `${first.lsn}-${last.lsn}`
  const token = `${first.walUuid}:${wal.epoch}:${range}:${spansTable.table}`
  for (const record of records) {
    try {
      const bound = boundSpansOf(record, mapAttribution)
      const own = stored.has(record) ? [] : spanRowsOf(record, bound)
      for (const row of own) rows.push(row)
      const bytes = record.body.length / bound.length
      for (const [pos, { span, reason }] of bound.entries()) {
        traces.touch(span, record.lsn, { row: own[pos], bytes })
        const skew = skewOf(span)
        if (skew !== undefined) skewed[skew] += 1
        if (reason !== undefined) claims.set(reason, (claims.get(reason) ?? 0) + 1)
      }
    } catch (error) {
      unreadable.push({ record, error })
    }
    yield
  }
  const { block, unwritable } = yield* encodingRows(rows, token)
  for (const [lsn, error] of unwritable) {
    const record = records.find((candidate) => candidate.lsn === lsn)
    if (record !== undefined) unreadable.push({ record, error })
  }
  return {
    unit: {
      name: `evidence-${range}`,
      kind: 'evidence',
      lastLsn: last.lsn,
      walId: first.walUuid,
      sealedAtMs: nowMs,
      blocks: block === undefined ? [] : [block],
    },
    traces: traces.list(),
    claims,
    unreadable,
    skewed,
  }
}

const PAST_MAX_NANO = BigInt(limits.clockPastMsMax) * NANOS_PER_MS
const FUTURE_MAX_NANO = BigInt(limits.clockFutureMsMax) * NANOS_PER_MS

const skewOf = ({ startUnixNano, receivedUnixNano }: SpanEvidence): ClockSkew | undefined => {
  if (startUnixNano > receivedUnixNano + FUTURE_MAX_NANO) return 'ahead'
  return startUnixNano < receivedUnixNano - PAST_MAX_NANO ? 'behind' : undefined
}

type BoundSpan = ReturnType<typeof bindTenant>

const boundSpansOf = (
  { body, meta, receivedUnixNano }: WalRecord,
  mapAttribution: MapAttribution,
): readonly BoundSpan[] =>
  decodeTraceRequest(body, { authority: meta.authority, receivedUnixNano }).spans.map((span) =>
    bindTenant(mapAttribution(span), meta.tenant),
  )

const spanRowsOf = ({ walUuid, lsn }: WalRecord, bound: readonly BoundSpan[]): readonly SpanRow[] =>
  bound.map(({ span, claimedTenant }, pos) => spanRowOf(span, { walId: walUuid, lsn, pos, claimedTenant }))

interface EncodedRows {
  readonly block: (EncodedUnit & { readonly rows: number }) | undefined
  /** Records with a value that no column takes. */
  readonly unwritable: ReadonlyMap<bigint, unknown>
}

function* encodingRows(rows: readonly SpanRow[], token: string): Steps<EncodedRows> {
  try {
    return { block: yield* encodingSome(rows, token), unwritable: new Map() }
  } catch {
    const unwritable = new Map<bigint, unknown>()
    for (const [lsn, own] of Map.groupBy(rows, (row) => row.lsn)) {
      try {
        yield* encodingSome(own, token)
      } catch (error) {
        unwritable.set(lsn, error)
      }
    }
    const writable = rows.filter(({ lsn }) => !unwritable.has(lsn))
    return { block: yield* encodingSome(writable, token), unwritable }
  }
}

function* encodingSome(rows: readonly SpanRow[], token: string): Steps<EncodedRows['block']> {
  return rows.length === 0 ? undefined : { ...(yield* encodingUnit(spansTable, rows, token)), rows: rows.length }
}

/** Traces of a unit, in the order of their first span. */
class TouchedTraces {
  readonly #traces = new Map<string, TraceBuilder>()

  touch(
    span: SpanEvidence,
    lsn: bigint,
    { row, bytes }: { readonly row: SpanRow | undefined; readonly bytes: number },
  ): void {
    const { authority, traceId } = span
    const key = traceKeyOf(span)
    let trace = this.#traces.get(key)
    if (trace === undefined) {
      trace = { authority, traceId, ownDialect: true, firstLsn: lsn, spans: 0, rows: [], bytes: 0 }
      this.#traces.set(key, trace)
    }
    // A plain span between GenAI spans is evidence for ancestry and says nothing about the dialect.
    trace.spans += 1
    trace.ownDialect &&= !isGenAiSpan(span) || speaksOwnDialect(span)
    if (row === undefined) return
    trace.rows.push(row)
    trace.bytes += bytes
  }

  list(): readonly TouchedTrace[] {
    return [...this.#traces.values()]
  }
}

interface TraceBuilder extends TouchedTrace {
  ownDialect: boolean
  spans: number
  readonly rows: SpanRow[]
  bytes: number
}
