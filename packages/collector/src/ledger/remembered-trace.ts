/** A trace whose evidence is at hand as bytes, and of which the ledger says nothing yet. */
import type { SpanPlace, StoredSpan } from '#src/pipeline/span-rows.ts'
import type { RequestPart } from './evidence-memory.ts'
import type { TraceId } from './trace-queue.ts'
import type { StoredTrace } from './trace-record.ts'

export class RememberedTrace implements StoredTrace {
  readonly authority: string
  readonly traceId: string
  readonly ledger = { calls: [], quarantine: [] }
  readonly #evidence: readonly RequestPart[]

  constructor({ authority, traceId }: TraceId, evidence: readonly RequestPart[]) {
    this.authority = authority
    this.traceId = traceId
    this.#evidence = evidence
  }

  get places(): readonly SpanPlace[] {
    return this.#evidence.flatMap(({ request, positions }) => positions.map((pos) => request.place(pos)))
  }

  /** Decoded now. */
  get spans(): readonly StoredSpan[] {
    return this.#evidence.flatMap(({ request, positions }) => positions.map((pos) => request.span(pos)))
  }
}
