/** The ids of one span, found without looking into anything else. Bad ids reject the span, never the request. */
import { SPAN } from './trace-fields.ts'
import type { WireReader } from './wire-reader.ts'

/** Why a span was not taken. Permanent: sending it again cannot help. */
export const REJECTION_REASONS = [
  'missing_ids',
  'invalid_trace_id',
  'invalid_span_id',
  'invalid_parent_span_id',
  'too_many_spans',
  'tenant_not_allowed',
] as const
export type RejectionReason = (typeof REJECTION_REASONS)[number]

const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8

/** Reused from span to span: holds byte ranges, not copies. */
export class SpanIds {
  traceStart = 0
  traceEnd = 0
  spanStart = 0
  spanEnd = 0
  parentStart = 0
  parentEnd = 0

  /** Reads the top level of a span from the reader's place to `end`; later occurrences win. */
  read(reader: WireReader, end: number): void {
    this.clear()
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === SPAN.traceId || tag === SPAN.spanId || tag === SPAN.parentSpanId) {
        const stop = reader.payloadEnd(end)
        this.note(tag, reader.pos, stop)
        reader.pos = stop
      } else {
        reader.skip(tag, end)
      }
    }
  }

  /** Before a span that is read by somebody else, who notes its ids. */
  clear(): void {
    this.traceStart = this.traceEnd = 0
    this.spanStart = this.spanEnd = 0
    this.parentStart = this.parentEnd = 0
  }

  /** An id whose bytes are `[start, end)`. */
  note(tag: number, start: number, end: number): void {
    if (tag === SPAN.traceId) {
      this.traceStart = start
      this.traceEnd = end
    } else if (tag === SPAN.spanId) {
      this.spanStart = start
      this.spanEnd = end
    } else {
      this.parentStart = start
      this.parentEnd = end
    }
  }

  /** Trace id 16 bytes and span id 8 bytes, neither all zero; a parent id is absent, zero or 8 bytes. */
  rejection(bytes: Buffer): RejectionReason | undefined {
    if (this.traceEnd === this.traceStart && this.spanEnd === this.spanStart) return 'missing_ids'
    if (this.traceEnd - this.traceStart !== TRACE_ID_BYTES || allZero(bytes, this.traceStart, this.traceEnd)) {
      return 'invalid_trace_id'
    }
    if (this.spanEnd - this.spanStart !== SPAN_ID_BYTES || allZero(bytes, this.spanStart, this.spanEnd)) {
      return 'invalid_span_id'
    }
    const parentBytes = this.parentEnd - this.parentStart
    return parentBytes === 0 || parentBytes === SPAN_ID_BYTES ? undefined : 'invalid_parent_span_id'
  }

  traceId(bytes: Buffer): string {
    return bytes.toString('hex', this.traceStart, this.traceEnd)
  }

  spanId(bytes: Buffer): string {
    return bytes.toString('hex', this.spanStart, this.spanEnd)
  }

  /** Empty for a root span, also where the sender wrote zeros. */
  parentSpanId(bytes: Buffer): string {
    if (allZero(bytes, this.parentStart, this.parentEnd)) return ''
    return bytes.toString('hex', this.parentStart, this.parentEnd)
  }
}

/**
 * Whether a span begins with a trace id and a span id of the right lengths, as every sender writes them. It is one then,
 * and nothing that only parses as a span.
 */
export const beginsWithIds = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= SPAN_ID_AT + 2 + SPAN_ID_BYTES &&
  bytes[start] === SPAN.traceId &&
  bytes[start + 1] === TRACE_ID_BYTES &&
  bytes[start + SPAN_ID_AT] === SPAN.spanId &&
  bytes[start + SPAN_ID_AT + 1] === SPAN_ID_BYTES

const SPAN_ID_AT = 2 + TRACE_ID_BYTES

const allZero = (bytes: Buffer, start: number, end: number): boolean => {
  for (let at = start; at < end; at += 1) if (bytes[at] !== 0) return false
  return true
}

/** Rejected spans by reason; `reasons` only holds what occurred. */
export class RejectionCount {
  readonly reasons = new Map<RejectionReason, number>()
  total = 0

  add(reason: RejectionReason): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
    this.total += 1
  }

  /** OTLP logs sent to the trace path parse as spans without ids, because the field numbers coincide. */
  looksLikeLogs(acceptedSpans: number): boolean {
    return acceptedSpans === 0 && this.total > 0 && this.reasons.get('missing_ids') === this.total
  }
}
