/**
 * Evidence of traces that wait for settlement, as the bytes that it was stored from, so that it need not be read back.
 * Bounded: what has no room is read back. It proves nothing by itself; `gather-traces.ts` holds it against what the
 * database has.
 */
import type { LoggedRequest } from '#src/pipeline/logged-request.ts'
import { type TraceId, traceKeyOf } from './trace-queue.ts'

/** Spans of one request. */
export interface RequestPart {
  readonly request: LoggedRequest
  readonly positions: readonly number[]
}

/** Stored spans of one trace. */
export interface NewEvidence extends TraceId {
  readonly evidence: readonly RequestPart[]
}

/** Evidence in use: its bytes stay until it is given back. */
export interface EvidenceLoan {
  /** Undefined where nothing is kept of the trace, or not all that was stored of it. */
  readonly recall: (trace: TraceId) => readonly RequestPart[] | undefined
  giveBack(): void
}

export class EvidenceMemory {
  readonly #bytesMax: number
  readonly #kept = new Map<string, readonly RequestPart[]>()
  /** By request, how many hold it: the unit that stores it, traces that are kept, and loans of them. */
  readonly #holders = new Map<LoggedRequest, number>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** What is held, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Holds a request whose spans are about to be stored; false where it has no room. The bytes that it was read from may go
   * then. It stays as long as a trace holds it, and until it is dismissed.
   */
  admit(request: LoggedRequest): boolean {
    if (this.#bytes + request.bytes > this.#bytesMax) return false
    request.own()
    this.#bytes += request.bytes
    this.#holders.set(request, 1)
    return true
  }

  /** They were admitted, and their spans are stored: what no trace holds goes. */
  dismiss(requests: readonly LoggedRequest[]): void {
    for (const request of requests) this.#letGo(request)
  }

  /** Adds to what is kept of the trace. Where a request of it was not admitted, all of it goes: a part is of no use. */
  keep(trace: NewEvidence): void {
    const key = traceKeyOf(trace)
    if (trace.evidence.every(({ request }) => this.#holders.has(request))) {
      for (const part of trace.evidence) this.#hold(part)
      this.#kept.set(key, [...(this.#kept.get(key) ?? []), ...trace.evidence])
    } else {
      for (const { request } of this.#remove(key)) this.#letGo(request)
    }
  }

  /** What is kept of traces that go on waiting. */
  lend(traces: readonly TraceId[]): EvidenceLoan {
    return this.#loan(traces, (key) => {
      const parts = this.#kept.get(key) ?? []
      for (const part of parts) this.#hold(part)
      return parts
    })
  }

  /** The same, and forgets it. */
  take(traces: readonly TraceId[]): EvidenceLoan {
    return this.#loan(traces, (key) => this.#remove(key))
  }

  #loan(traces: readonly TraceId[], partsOf: (key: string) => readonly RequestPart[]): EvidenceLoan {
    const lent = new Map(traces.map(traceKeyOf).map((key) => [key, partsOf(key)]))
    return {
      recall: (trace) => {
        const parts = lent.get(traceKeyOf(trace)) ?? []
        return parts.length === 0 ? undefined : parts
      },
      giveBack: () => {
        for (const { request } of [...lent.values()].flat()) this.#letGo(request)
        lent.clear()
      },
    }
  }

  #remove(key: string): readonly RequestPart[] {
    const parts = this.#kept.get(key) ?? []
    this.#kept.delete(key)
    return parts
  }

  #hold({ request }: RequestPart): void {
    this.#holders.set(request, (this.#holders.get(request) ?? 0) + 1)
  }

  #letGo(request: LoggedRequest): void {
    const holders = (this.#holders.get(request) ?? 0) - 1
    if (holders > 0) {
      this.#holders.set(request, holders)
      return
    }
    this.#holders.delete(request)
    this.#bytes -= request.bytes
    request.release()
  }
}
