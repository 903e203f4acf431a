/**
 * Evidence of traces that wait for settlement, as it was stored, so that it need not be read back. Bounded: what has no
 * room is read back. It proves nothing by itself; `gather-traces.ts` holds it against what the database has.
 */
import type { SpanRow } from '@outlay/clickhouse'
import { type TraceId, traceKeyOf } from './trace-queue.ts'

/** Stored rows of one trace, and about how much memory they take. */
export interface NewEvidence extends TraceId {
  readonly rows: readonly SpanRow[]
  readonly bytes: number
}

interface Kept {
  rows: readonly SpanRow[]
  bytes: number
}

export class EvidenceMemory {
  readonly #bytesMax: number
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Adds to what is kept of the trace. Where there is no room, all of it goes: a part is of no use. */
  keep(trace: NewEvidence): void {
    const key = traceKeyOf(trace)
    if (this.#bytes + trace.bytes > this.#bytesMax) {
      this.#drop(key)
      return
    }
    const kept = this.#kept.get(key)
    this.#bytes += trace.bytes
    if (kept === undefined) {
      this.#kept.set(key, { rows: trace.rows, bytes: trace.bytes })
    } else {
      kept.rows = [...kept.rows, ...trace.rows]
      kept.bytes += trace.bytes
    }
  }

  /** What is kept of a trace that goes on waiting. */
  look(trace: TraceId): readonly SpanRow[] | undefined {
    return this.#kept.get(traceKeyOf(trace))?.rows
  }

  /** The same, and forgets it. */
  take(trace: TraceId): readonly SpanRow[] | undefined {
    const key = traceKeyOf(trace)
    const rows = this.#kept.get(key)?.rows
    this.#drop(key)
    return rows
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}
