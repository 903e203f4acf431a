/**
 * `spans` → `calls`. A trace is evaluated when it has been quiet for its period, and again whenever a span arrives later;
 * only differences are posted. While nothing is due, what was settled under older tables or rules is brought to today's.
 *
 * Invariants: an evaluation sees its trace and its open entries as the database has them, and one ledger unit is in flight
 * at a time, so it never sees a state that its own insert is about to change. The settlement cursor never passes a record
 * whose trace still waits.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type LedgerTables, readLedgerTables, readWaitingTraces } from '@outlay/clickhouse'
import { assert, type Clock, inTurns, limits } from '@outlay/core'
import type { DeliverySettings } from '#src/pipeline/deliver-unit.ts'
import type { TouchedTrace } from '#src/pipeline/evidence-unit.ts'
import { EVIDENCE_CONSUMER } from '#src/pipeline/evidence-worker.ts'
import type { Wal } from '#src/wal/index.ts'
import type { Trigger } from './correction-reason.ts'
import { type EvidenceLoan, EvidenceMemory } from './evidence-memory.ts'
import { gatherTraces } from './gather-traces.ts'
import { LedgerPoster } from './ledger-poster.ts'
import { OpenTraces } from './open-traces.ts'
import type { LedgerUnit } from './ledger-unit.ts'
import { planRefold } from './plan-entries.ts'
import { type Dialects, type Plan, planningParts, planningUnit } from './plan-parts.ts'
import { readOpenLedger, readTracesSince } from './read-back.ts'
import { type DerivedTraces, RuleDerivation } from './rule-derivation.ts'
import type { PostingPolicy } from './settled-row.ts'
import { lateAfterMs, type SharedTraceSettings, sharedWaitOf } from './shared-traces.ts'
import { type DueTrace, type QueueSettings, type TraceId, TraceQueue, traceKeyOf } from './trace-queue.ts'
import { integrityErrorsOf, lateSpansOf } from './ledger-health.ts'
import { partsToSettle, type StoredTrace, type TracePart } from './trace-record.ts'
import { untilReachable } from './until-reachable.ts'

export const SETTLEMENT_CONSUMER = 'settlement'

interface SettlementSettings {
  readonly wal: Wal
  readonly delivery: DeliverySettings
  readonly policy: PostingPolicy
  readonly queue: QueueSettings
  readonly clock: Clock
  /** Called after entries were posted: new skus may want prices. */
  readonly onPosted: () => void
  /** Called when history follows rules that it did not follow before. */
  readonly onRulesFollowed: (derived: DerivedTraces) => void
  readonly dialects: Dialects
  readonly sharedTraces: SharedTraceSettings
}

const IDLE_CHECK_MS = 1_000

export class SettlementWorker {
  readonly #settings: SettlementSettings
  readonly #queue: TraceQueue
  readonly #poster: LedgerPoster
  readonly #rules: RuleDerivation
  readonly #open: OpenTraces
  /** Evidence of traces that wait. */
  readonly memory = new EvidenceMemory(limits.evidenceMemoryBytesMax)
  /** Every name of our log. */
  #ownLogs: ReadonlySet<string>
  #evaluating = false
  /** What an earlier run left is known. */
  #hasRecovered = false
  /** As the database had them before the unit that is planned now. */
  #tables: LedgerTables | undefined
  /** Calls may be stored as older tables cut them. */
  #refoldDue = true
  #wake = new AbortController()
  readonly #exclusive: (() => Promise<void>)[] = []

  constructor(settings: SettlementSettings) {
    this.#settings = settings
    this.#queue = new TraceQueue(settings.queue)
    this.#poster = new LedgerPoster(settings)
    const { delivery, wal, dialects } = settings
    this.#ownLogs = new Set([wal.uuid])
    this.#open = new OpenTraces(delivery, `${wal.uuid}:${wal.epoch}`)
    this.#rules = new RuleDerivation({ ...delivery, walId: wal.uuid, rulesVersion: dialects.version })
  }

  /** What an earlier run left is known, nothing waits, and nothing is being evaluated. */
  get isIdle(): boolean {
    return this.#hasRecovered && this.#queue.size === 0 && !this.#evaluating
  }

  /** Traces with evidence that is not settled yet, and when the longest waiting one was opened. */
  get waiting(): { readonly traces: number; readonly oldestOpenedAtMs: number | undefined } {
    return { traces: this.#queue.size, oldestOpenedAtMs: this.#queue.oldestOpenedAtMs }
  }

  /** Resolves when further evidence may come. */
  untilRoom(): Promise<void> {
    return this.#queue.untilRoom(this.#settings.delivery.signal)
  }

  /** New evidence is being sent: `touch` follows when the database has it. */
  expect(traces: readonly TouchedTrace[]): void {
    for (const trace of traces) this.#queue.expect(trace)
  }

  /** New evidence is in the database. */
  touch(traces: readonly TouchedTrace[], { shown = false } = {}): void {
    const now = this.#settings.clock.now()
    for (const trace of traces) {
      this.#queue.touch(trace, now, { shown })
      if (trace.evidence.length > 0) this.memory.keep(trace)
    }
    this.#wake.abort()
  }

  /** After a restart: everything that arrived since the settlement cursor is evaluated again, under every name of the log. */
  async recover(logs: ReadonlySet<string>): Promise<void> {
    const { wal, delivery } = this.#settings
    this.#ownLogs = logs
    for (const walId of logs) {
      const open = await untilReachable(delivery, () =>
        readTracesSince(delivery, walId, wal.cursor(SETTLEMENT_CONSUMER)),
      )
      this.touch(
        open.map((trace) => ({ ...trace, ownDialect: true, evidence: [] })),
        { shown: true },
      )
    }
    this.#hasRecovered = true
  }

  /**
   * Runs some work between two ledger units: none is in flight, and none is planned before it ends. Rejects with what the
   * work rejects with, or when the collector stops before its turn.
   */
  exclusively<Result>(work: (poster: LedgerPoster) => Promise<Result>): Promise<Result> {
    const { signal } = this.#settings.delivery
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason as Error)
      if (signal.aborted) {
        stop()
        return
      }
      signal.addEventListener('abort', stop, { once: true })
      this.#exclusive.push(() => work(this.#poster).then(resolve, reject))
      this.#wake.abort()
    })
  }

  async #runExclusive(): Promise<void> {
    this.#evaluating = true
    try {
      for (let work = this.#exclusive.shift(); work !== undefined; work = this.#exclusive.shift()) await work()
    } finally {
      this.#evaluating = false
    }
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { delivery, clock } = this.#settings
    while (!delivery.signal.aborted) {
      await this.#runExclusive()
      await this.#followTables()
      const refolded = this.#refoldDue && (await this.#refold())
      const due = this.#queue.take(clock.now(), limits.settlementTracesPerUnitMax, limits.settlementSpansPerUnitMax)
      if (due.length > 0) await this.#settle(due)
      else if (!refolded && !(await this.#showOpen()) && !(await this.#followRules())) {
        await this.#sleep(this.#queue.nextDueIn(clock.now()) ?? IDLE_CHECK_MS)
      }
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#exclusive.length > 0) return
    this.#wake = new AbortController()
    const signal = AbortSignal.any([this.#settings.delivery.signal, this.#wake.signal])
    await delay(Math.min(milliseconds, IDLE_CHECK_MS), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }

  async #settle(due: readonly DueTrace[]): Promise<void> {
    this.#evaluating = true
    const evidence = this.memory.take(due)
    try {
      const lookedAt = performance.now()
      const stored = await this.#gather(due, evidence.recall)
      const settling = this.#putOffShared(due, stored)
      const unit = await this.#planUnit(settling, due, 'arrival')
      const news = due.filter(({ turn }) => turn !== 'again')
      for (const { trace, unsettled } of this.#withUnsettled(settling, news)) {
        this.#settings.delivery.metrics.lateSpans.inc(lateSpansOf(trace, unsettled))
      }
      // Before its entries are posted: for a moment a call may stand nowhere, but never twice.
      const settled = new Set(settling.map(traceKeyOf))
      const shown = due.filter((trace) => trace.shown && settled.has(traceKeyOf(trace)))
      await untilReachable(this.#settings.delivery, () => this.#open.hide(shown, this.#settings.clock.now()))
      await this.#poster.post(unit)
      this.#lookAgain(settling, due, { traces: unit.traces, lookedAt })
      await this.#advanceCursor()
    } finally {
      evidence.giveBack()
      this.#evaluating = false
    }
  }

  /** Traces that are to be settled now; those that another collector may be settling wait once more. */
  #putOffShared(taken: readonly DueTrace[], stored: readonly StoredTrace[]): readonly StoredTrace[] {
    const { clock, sharedTraces } = this.#settings
    const dueByKey = new Map(taken.map((trace) => [traceKeyOf(trace), trace]))
    return stored.filter((trace) => {
      const due = dueByKey.get(traceKeyOf(trace))
      const waitMs = sharedWaitOf(trace, this.#ownLogs, sharedTraces)
      if (due === undefined || due.turn !== 'first' || waitMs === undefined) return true
      this.#queue.defer(due, clock.now(), waitMs)
      return false
    })
  }

  /**
   * After entries of a trace were posted that another collector may have settled meanwhile: its turn comes once more, until
   * it finds nothing to post. Whoever posts last has looked after that, so what both did at once is always taken back.
   */
  #lookAgain(stored: readonly StoredTrace[], due: Due, posted: Posted): void {
    const { clock, sharedTraces } = this.#settings
    const isLate = performance.now() - posted.lookedAt > lateAfterMs(sharedTraces)
    const turns = new Map(due.map((turn) => [traceKeyOf(turn), turn]))
    for (const trace of stored) {
      if (!posted.traces.has(traceKeyOf(trace))) continue
      const waitMs = sharedWaitOf(trace, this.#ownLogs, sharedTraces) ?? (isLate ? 0 : undefined)
      if (waitMs === undefined) continue
      this.#queue.settleAgain(trace, {
        nowMs: clock.now(),
        waitMs,
        firstLsn: turns.get(traceKeyOf(trace))?.firstLsn ?? this.#settings.wal.cursor(SETTLEMENT_CONSUMER) + 1n,
      })
    }
  }

  /** Read before every unit, so that a call is posted under edges that are older than its own unit at most. */
  async #followTables(): Promise<void> {
    const { delivery, policy } = this.#settings
    const { client, database } = delivery
    const tables = await untilReachable(delivery, () => readLedgerTables(client, database, policy))
    if (this.#tables === undefined || cutsOf(tables) !== cutsOf(this.#tables)) this.#refoldDue = true
    this.#tables = tables
  }

  /**
   * Moves one batch of calls to the band and slot of today's tables; false where none of ours is left. Rows come from the
   * ledger, never from evidence: that may be forgotten already, and its absence must reverse nothing.
   */
  async #refold(): Promise<boolean> {
    const { delivery, wal } = this.#settings
    const tables = this.#tables
    assert(tables !== undefined, 'tables are read first')
    const callsMax = limits.refoldedCallsPerUnitMax
    this.#evaluating = true
    try {
      const traces = await untilReachable(delivery, () =>
        readWaitingTraces(delivery, tables, { walId: wal.uuid, callsMax }),
      )
      this.#refoldDue = traces.length > 0
      if (!this.#refoldDue) return false
      const ledger = await untilReachable(delivery, () => readOpenLedger(delivery, traces))
      const unit = this.#poster.begin()
      const calls = planRefold(ledger.calls, { tables, callsMax }, unit.posting)
      assert(calls.length > 0, 'a call that waits is moved')
      await this.#poster.postAll(unit, { calls, quarantine: [] })
      return true
    } finally {
      this.#evaluating = false
    }
  }

  /** Shows traces that wait for long as they stand; false where none is left. */
  async #showOpen(): Promise<boolean> {
    const { clock } = this.#settings
    const startedAtMs = clock.now()
    const waiting = this.#queue.toShow(startedAtMs, limits.settlementTracesPerUnitMax)
    if (waiting.length === 0) return false
    const evidence = this.memory.lend(waiting)
    try {
      const stored = await this.#gather(waiting, evidence.recall)
      const { posting } = this.#poster.begin()
      const planned = await inTurns(
        planningParts(this.#partsOf(stored, waiting), { ...this.#planOf('arrival'), posting }),
      )
      if (await this.#open.show(waiting, planned, clock.now())) this.#queue.wereShown(waiting, startedAtMs)
    } finally {
      evidence.giveBack()
    }
    return true
  }

  /** Evaluates one batch of traces under the rules of this version; false where all follow them. */
  async #followRules(): Promise<boolean> {
    if (this.#rules.isDone) return false
    const { delivery, clock, onRulesFollowed } = this.#settings
    this.#evaluating = true
    try {
      const taken = await untilReachable(delivery, () =>
        this.#rules.take(clock.now(), limits.settlementTracesPerUnitMax),
      )
      if (taken.length > 0) {
        // A trace that waits is evaluated under these rules anyway, when it is complete.
        const traces = taken.filter((trace) => !this.#queue.has(trace))
        const lookedAt = performance.now()
        const stored = await this.#gather(traces, () => undefined)
        const unit = await this.#planUnit(stored, traces, 'rules')
        await this.#poster.post(unit)
        this.#lookAgain(stored, traces, { traces: unit.traces, lookedAt })
        this.#rules.evaluated(taken.length, unit.calls)
        return true
      }
      if (this.#rules.isDone) return false
      onRulesFollowed(await untilReachable(delivery, () => this.#rules.finish(clock.now())))
      return false
    } finally {
      this.#evaluating = false
    }
  }

  #gather(traces: readonly TraceId[], recall: EvidenceLoan['recall']): Promise<readonly StoredTrace[]> {
    const { delivery, wal } = this.#settings
    return untilReachable(delivery, () => gatherTraces(delivery, traces, { walId: wal.uuid, recall }))
  }

  /** The entries of some traces, of each as soon as the one before it is made into bytes. */
  async #planUnit(stored: readonly StoredTrace[], due: Due, trigger: Trigger): Promise<LedgerUnit> {
    const unit = this.#poster.begin()
    const parts = this.#partsOf(stored, due)
    await inTurns(planningUnit(parts, this.#planOf(trigger), unit))
    return unit
  }

  #planOf(trigger: Trigger): Plan {
    return { dialects: this.#settings.dialects, policy: { ...this.#settings.policy, ...this.#tables }, trigger }
  }

  /** One after the other: what is decoded of a trace is gone before the next. */
  #partsOf(stored: readonly StoredTrace[], due: Due): Iterable<TracePart> {
    const { delivery, clock } = this.#settings
    for (const { ledger } of stored) delivery.metrics.integrityErrors.inc(integrityErrorsOf(ledger))
    const nowMs = clock.now()
    return Iterator.from(this.#withUnsettled(stored, due)).flatMap(({ trace, unsettled }) =>
      partsToSettle(trace, nowMs, unsettled),
    )
  }

  /** Each trace with the first record that was not settled yet. */
  #withUnsettled(stored: readonly StoredTrace[], traces: Due) {
    const unsettledFrom = new Map(traces.map((trace) => [traceKeyOf(trace), trace.firstLsn]))
    const walId = this.#settings.wal.uuid
    return stored.map((trace) => ({ trace, unsettled: { walId, fromLsn: unsettledFrom.get(traceKeyOf(trace)) } }))
  }

  async #advanceCursor(): Promise<void> {
    const { wal } = this.#settings
    const oldest = this.#queue.oldestLsn()
    const stored = wal.cursor(EVIDENCE_CONSUMER)
    const settled = oldest === undefined ? stored : oldest - 1n
    await wal.advanceCursor(SETTLEMENT_CONSUMER, settled < stored ? settled : stored)
  }
}

/** Traces whose turn it is, for whatever reason. */
type Due = readonly (TraceId & Partial<DueTrace>)[]

interface Posted {
  /** Traces that got an entry, by `traceKeyOf`. */
  readonly traces: ReadonlySet<string>
  /** When the traces were read that it was planned from, on the clock of `performance`. */
  readonly lookedAt: number
}

/** Everything that decides where calls are cut, as text. */
const cutsOf = ({ bandEdges, edgesActiveFrom, slotSplits }: LedgerTables): string =>
  JSON.stringify([bandEdges, edgesActiveFrom, slotSplits])
