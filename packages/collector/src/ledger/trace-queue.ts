/**
 * Traces that wait for their quiet period. Each arrival starts the quiet period anew, but never beyond the time a trace
 * may stay open after its first arrival.
 */
import type { TouchedTrace } from '#src/pipeline/evidence-worker.ts'

export interface TraceId {
  readonly authority: string
  readonly traceId: string
}

export interface QueueSettings {
  readonly quietPeriodMs: number
  /** Where every candidate speaks our own dialect and carries its raw usage. */
  readonly quietPeriodOwnDialectMs: number
  readonly openMsMax: number
}

/** A trace whose turn it is. */
export interface DueTrace extends TraceId {
  /** Lowest log record whose evidence is not settled yet. */
  readonly firstLsn: bigint
}

interface Waiting extends DueTrace {
  readonly openedAtMs: number
  readonly dueAtMs: number
  readonly ownDialect: boolean
}

export const traceKeyOf = ({ authority, traceId }: TraceId): string => `${authority}\u0000${traceId}`

export class TraceQueue {
  readonly #settings: QueueSettings
  readonly #waiting = new Map<string, Waiting>()

  constructor(settings: QueueSettings) {
    this.#settings = settings
  }

  get size(): number {
    return this.#waiting.size
  }

  has(trace: TraceId): boolean {
    return this.#waiting.has(traceKeyOf(trace))
  }

  touch(trace: TouchedTrace, nowMs: number): void {
    const key = traceKeyOf(trace)
    const known = this.#waiting.get(key)
    const ownDialect = trace.ownDialect && (known?.ownDialect ?? true)
    const openedAtMs = known?.openedAtMs ?? nowMs
    const quietMs = ownDialect ? this.#settings.quietPeriodOwnDialectMs : this.#settings.quietPeriodMs
    // Re-inserting moves the trace to the end: the map stays roughly in order of due time.
    this.#waiting.delete(key)
    this.#waiting.set(key, {
      authority: trace.authority,
      traceId: trace.traceId,
      openedAtMs,
      dueAtMs: Math.min(nowMs + quietMs, openedAtMs + this.#settings.openMsMax),
      ownDialect,
      firstLsn: known?.firstLsn ?? trace.firstLsn,
    })
  }

  /** Removes and returns up to `max` traces that are due. */
  take(nowMs: number, max: number): readonly DueTrace[] {
    const taken: DueTrace[] = []
    for (const [key, waiting] of this.#waiting) {
      if (taken.length >= max) break
      if (waiting.dueAtMs > nowMs) continue
      this.#waiting.delete(key)
      taken.push(waiting)
    }
    return taken
  }

  /** Milliseconds until the next trace is due; undefined when none waits. */
  nextDueIn(nowMs: number): number | undefined {
    let next: number | undefined
    for (const { dueAtMs } of this.#waiting.values()) {
      if (next === undefined || dueAtMs < next) next = dueAtMs
    }
    return next === undefined ? undefined : Math.max(0, next - nowMs)
  }

  /** Lowest record that some waiting trace still needs; undefined when none waits. */
  oldestLsn(): bigint | undefined {
    let oldest: bigint | undefined
    for (const { firstLsn } of this.#waiting.values()) {
      if (oldest === undefined || firstLsn < oldest) oldest = firstLsn
    }
    return oldest
  }
}
