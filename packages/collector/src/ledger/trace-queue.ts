/**
 * Traces that wait for their quiet period. Each arrival starts the quiet period anew, but never beyond the time a trace
 * may stay open after its first arrival.
 */

export interface TraceId {
  readonly authority: string
  readonly traceId: string
}

/** New evidence of a trace. */
export interface Arrival extends TraceId {
  /** All of it speaks our own dialect. */
  readonly ownDialect: boolean
  /** Its first log record. */
  readonly firstLsn: bigint
  /** How many spans it brings; unknown of what an earlier run left. */
  readonly spans?: number
}

export interface QueueSettings {
  readonly quietPeriodMs: number
  /** Where every candidate speaks our own dialect and carries its raw usage. */
  readonly quietPeriodOwnDialectMs: number
  readonly openMsMax: number
  /** A trace that waits longer is shown as it stands, and again at this distance where it grew. */
  readonly showEveryMs: number
  /** While so many wait, no further evidence is taken from the log: what a unit brings may go beyond it. */
  readonly tracesMax: number
}

/** A trace whose turn it is. */
export interface DueTrace extends TraceId {
  /** When its first span since the last settlement arrived. */
  readonly openedAtMs: number
  /** It was shown as it stood while it was open. */
  readonly shown: boolean
  /** Lowest log record whose evidence is not settled yet. */
  readonly firstLsn: bigint
  readonly ownDialect: boolean
  /** Whether its turn came before and was put off, or its entries were posted; nothing arrived since. */
  readonly turn: 'first' | 'deferred' | 'again'
}

interface Waiting extends DueTrace {
  readonly spans: number
  readonly dueAtMs: number
  readonly touchedAtMs: number
  /** What arrived before was shown; 0 = nothing. */
  readonly shownUpToMs: number
  /** Not shown before. */
  readonly showAtMs: number
}

export const traceKeyOf = ({ authority, traceId }: TraceId): string => `${authority}\u0000${traceId}`

const hasGrown = ({ touchedAtMs, shownUpToMs }: Waiting): boolean => touchedAtMs >= shownUpToMs

export class TraceQueue {
  readonly #settings: QueueSettings
  readonly #waiting = new Map<string, Waiting>()
  /** By trace, units of its evidence that the database may have taken and has not answered for. */
  readonly #coming = new Map<string, number>()
  #room: PromiseWithResolvers<void> | undefined

  constructor(settings: QueueSettings) {
    this.#settings = settings
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Resolves when fewer traces wait than may, or when the signal aborts. */
  async untilRoom(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size < this.#settings.tracesMax || signal.aborted) return
    this.#room ??= Promise.withResolvers()
    const { promise, resolve } = this.#room
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
  }

  /** When the longest waiting trace was opened; undefined when none waits. */
  get oldestOpenedAtMs(): number | undefined {
    let oldest: number | undefined
    for (const { openedAtMs } of this.#waiting.values()) oldest = Math.min(oldest ?? openedAtMs, openedAtMs)
    return oldest
  }

  /** It waits, or evidence of it is on its way. */
  has(trace: TraceId): boolean {
    const key = traceKeyOf(trace)
    return this.#waiting.has(key) || this.#coming.has(key)
  }

  /**
   * Evidence of it is being sent: readers of the database may see it before we know. Until `touch` says that it is there,
   * the trace is not handed out: its evaluation would read a state that is just about to change.
   */
  expect(trace: TraceId): void {
    const key = traceKeyOf(trace)
    this.#coming.set(key, (this.#coming.get(key) ?? 0) + 1)
  }

  #came(key: string): void {
    const units = this.#coming.get(key) ?? 0
    if (units > 1) this.#coming.set(key, units - 1)
    else this.#coming.delete(key)
  }

  /** `shown`: readers may see it as it stood, since an earlier run may have shown it. */
  touch(trace: Arrival, nowMs: number, { shown = false } = {}): void {
    const key = traceKeyOf(trace)
    this.#came(key)
    const known = this.#waiting.get(key)
    const ownDialect = trace.ownDialect && (known?.ownDialect ?? true)
    const openedAtMs = known?.openedAtMs ?? nowMs
    const { quietPeriodMs, quietPeriodOwnDialectMs, openMsMax, showEveryMs } = this.#settings
    const quietMs = ownDialect ? quietPeriodOwnDialectMs : quietPeriodMs
    // Re-inserting moves the trace to the end: the map stays roughly in order of due time.
    this.#waiting.delete(key)
    this.#waiting.set(key, {
      authority: trace.authority,
      traceId: trace.traceId,
      openedAtMs,
      dueAtMs: Math.min(nowMs + quietMs, openedAtMs + openMsMax),
      ownDialect,
      turn: 'first',
      spans: (known?.spans ?? 0) + (trace.spans ?? 1),
      touchedAtMs: nowMs,
      shown: known?.shown ?? shown,
      shownUpToMs: known?.shownUpToMs ?? 0,
      showAtMs: known !== undefined && hasGrown(known) ? known.showAtMs : nowMs + showEveryMs,
      firstLsn: known?.firstLsn ?? trace.firstLsn,
    })
  }

  /** Removes and returns up to `max` traces that are due, until `spansMax` spans have arrived for them. */
  take(nowMs: number, max: number, spansMax = Number.POSITIVE_INFINITY): readonly DueTrace[] {
    const taken: DueTrace[] = []
    let spans = 0
    for (const [key, waiting] of this.#waiting) {
      if (taken.length >= max || spans >= spansMax) break
      if (waiting.dueAtMs > nowMs || this.#coming.has(key)) continue
      this.#waiting.delete(key)
      taken.push(waiting)
      spans += waiting.spans
    }
    if (this.#waiting.size < this.#settings.tracesMax) {
      this.#room?.resolve()
      this.#room = undefined
    }
    return taken
  }

  /** Puts off the turn of a trace that was taken. Evidence that arrived meanwhile starts its quiet period, as always. */
  defer(trace: DueTrace, nowMs: number, waitMs: number): void {
    this.#putBack({ ...trace, turn: 'deferred' }, nowMs, waitMs)
  }

  /** Gives a trace one more turn, whose entries were posted. Until then its evidence counts as not settled. */
  settleAgain(
    { authority, traceId }: TraceId,
    { nowMs, waitMs, firstLsn }: { readonly nowMs: number; readonly waitMs: number; readonly firstLsn: bigint },
  ): void {
    const trace = { authority, traceId, openedAtMs: nowMs, shown: false, firstLsn, ownDialect: true }
    this.#putBack({ ...trace, turn: 'again' }, nowMs, waitMs)
  }

  #putBack(trace: DueTrace, nowMs: number, waitMs: number): void {
    const key = traceKeyOf(trace)
    const arrived = this.#waiting.get(key)
    const { openedAtMs, shown, firstLsn } = trace
    this.#waiting.set(key, {
      ...trace,
      spans: 1,
      dueAtMs: nowMs + waitMs,
      touchedAtMs: nowMs,
      shownUpToMs: 0,
      showAtMs: nowMs + this.#settings.showEveryMs,
      ...arrived,
      openedAtMs: Math.min(openedAtMs, arrived?.openedAtMs ?? openedAtMs),
      shown: shown || arrived?.shown === true,
      firstLsn,
    })
  }

  /** Up to `max` traces that wait for long and have grown since they were shown. They go on waiting. */
  toShow(nowMs: number, max: number): readonly DueTrace[] {
    const found: Waiting[] = []
    for (const waiting of this.#waiting.values()) {
      if (found.length >= max) break
      if (hasGrown(waiting) && waiting.showAtMs <= nowMs) found.push(waiting)
    }
    // Should that fail, the next attempt is not at once.
    for (const waiting of found) {
      this.#waiting.set(traceKeyOf(waiting), { ...waiting, showAtMs: nowMs + this.#settings.showEveryMs })
    }
    return found
  }

  /** They were shown with everything that had arrived before `startedAtMs`. */
  wereShown(traces: readonly TraceId[], startedAtMs: number): void {
    for (const trace of traces) {
      const key = traceKeyOf(trace)
      const waiting = this.#waiting.get(key)
      if (waiting !== undefined) this.#waiting.set(key, { ...waiting, shown: true, shownUpToMs: startedAtMs })
    }
  }

  /** Milliseconds until the next trace is due, or due to be shown; undefined when none waits. */
  nextDueIn(nowMs: number): number | undefined {
    let next: number | undefined
    for (const [key, waiting] of this.#waiting) {
      // Its `touch` wakes whoever sleeps.
      if (this.#coming.has(key)) continue
      const at = hasGrown(waiting) ? Math.min(waiting.dueAtMs, waiting.showAtMs) : waiting.dueAtMs
      if (next === undefined || at < next) next = at
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
