/**
 * `spans` → `calls`. A trace is evaluated when it has been quiet for its period, and again whenever a span arrives later;
 * only differences are posted.
 *
 * Invariants: an evaluation reads its trace and its open entries back from the database, and one ledger unit is in flight
 * at a time, so it never reads a state that its own insert is about to change. A unit is sealed before it is sent: a crash
 * before sealing evaluates again, a crash after it re-sends the same bytes. The settlement cursor never passes a record
 * whose trace still waits.
 */
import { setTimeout as delay } from 'node:timers/promises'
import {
  callsTable,
  encodeUnit,
  type LedgerTables,
  quarantineTable,
  readLedgerTables,
  readWaitingTraces,
} from '@outlay/clickhouse'
import { assert, type Clock, limits } from '@outlay/core'
import { settleTrace } from '@outlay/semconv'
import { type DeliverySettings, deliverUnit } from '#src/pipeline/deliver-unit.ts'
import { EVIDENCE_CONSUMER, type TouchedTrace } from '#src/pipeline/evidence-worker.ts'
import { manifestOf, type OutgoingUnit } from '#src/pipeline/sealed-manifest.ts'
import type { Wal } from '#src/wal/index.ts'
import { type PlannedEntries, planEntries, planRefold, type Posting } from './plan-entries.ts'
import { readEvidence, readOpenLedger, readTracesSince } from './read-back.ts'
import { type DesiredEntry, desiredEntryOf, type PostingPolicy } from './settled-row.ts'
import { type QueueSettings, type TraceId, TraceQueue } from './trace-queue.ts'
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
}

const IDLE_CHECK_MS = 1_000
const EPOCH_SHIFT = 32n

export class SettlementWorker {
  readonly #settings: SettlementSettings
  readonly #queue: TraceQueue
  #unitSeq = 0n
  #evaluating = false
  /** As the database had them before the unit that is planned now. */
  #tables: LedgerTables | undefined
  /** Calls may be stored as older tables cut them. */
  #refoldDue = true
  #wake = new AbortController()

  constructor(settings: SettlementSettings) {
    this.#settings = settings
    this.#queue = new TraceQueue(settings.queue)
  }

  /** Nothing waits and nothing is being evaluated. */
  get isIdle(): boolean {
    return this.#queue.size === 0 && !this.#evaluating
  }

  /** New evidence is in the database. */
  touch(traces: readonly TouchedTrace[]): void {
    const now = this.#settings.clock.now()
    for (const trace of traces) this.#queue.touch(trace, now)
    this.#settings.delivery.metrics.openTraces.set(this.#queue.size)
    this.#wake.abort()
  }

  /** After a restart: everything that arrived since the settlement cursor is evaluated again. */
  async recover(): Promise<void> {
    const { wal, delivery } = this.#settings
    const open = await untilReachable(delivery, () =>
      readTracesSince(delivery, wal.uuid, wal.cursor(SETTLEMENT_CONSUMER)),
    )
    this.touch(open.map((trace) => ({ ...trace, ownDialect: true })))
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { delivery, clock } = this.#settings
    while (!delivery.signal.aborted) {
      await this.#followTables()
      const refolded = this.#refoldDue && (await this.#refold())
      const due = this.#queue.take(clock.now(), limits.settlementTracesPerUnitMax)
      if (due.length > 0) await this.#settle(due)
      else if (!refolded) await this.#sleep(this.#queue.nextDueIn(clock.now()) ?? IDLE_CHECK_MS)
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    this.#wake = new AbortController()
    const signal = AbortSignal.any([this.#settings.delivery.signal, this.#wake.signal])
    await delay(Math.min(milliseconds, IDLE_CHECK_MS), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }

  async #settle(due: readonly TraceId[]): Promise<void> {
    this.#evaluating = true
    try {
      const planned = await this.#evaluate(due)
      if (planned.calls.length + planned.quarantine.length > 0) await this.#post(planned)
      await this.#advanceCursor()
    } finally {
      this.#evaluating = false
      this.#settings.delivery.metrics.openTraces.set(this.#queue.size)
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
      const calls = planRefold(ledger.calls, { tables, callsMax }, this.#nextPosting())
      assert(calls.length > 0, 'a call that waits is moved')
      await this.#post({ calls, quarantine: [] })
      return true
    } finally {
      this.#evaluating = false
    }
  }

  async #evaluate(due: readonly TraceId[]): Promise<PlannedEntries> {
    const { delivery, clock } = this.#settings
    const policy = { ...this.#settings.policy, ...this.#tables }
    const [evidence, ledger] = await untilReachable(delivery, () =>
      Promise.all([readEvidence(delivery, due, clock.now()), readOpenLedger(delivery, due)]),
    )
    const desired: DesiredEntry[] = []
    for (const spans of evidence.values()) {
      for (const call of settleTrace(spans).calls) desired.push(desiredEntryOf(call, policy))
    }
    return planEntries(desired, ledger, this.#nextPosting())
  }

  #nextPosting(): Posting {
    const { clock, wal } = this.#settings
    this.#unitSeq += 1n
    return { postedAtMs: clock.now(), walId: wal.uuid, unit: (wal.epoch << EPOCH_SHIFT) | this.#unitSeq }
  }

  async #post({ calls, quarantine }: PlannedEntries): Promise<void> {
    const { wal, delivery, onPosted } = this.#settings
    const name = `${wal.uuid}:${wal.epoch}:L${this.#unitSeq}`
    const blocks = [
      ...(calls.length > 0 ? [{ ...encodeUnit(callsTable, calls, `${name}:calls`), rows: calls.length }] : []),
      ...(quarantine.length > 0
        ? [{ ...encodeUnit(quarantineTable, quarantine, `${name}:quarantine`), rows: quarantine.length }]
        : []),
    ]
    const unit: OutgoingUnit = { name: `ledger-${wal.epoch}-${this.#unitSeq}`, kind: 'ledger', lastLsn: 0n, blocks }
    await wal.seal(
      unit.name,
      blocks.map(({ body }) => body),
      manifestOf(unit),
    )
    await deliverLedger(unit, wal, delivery)
    for (const { sign, reason } of calls) delivery.metrics.ledgerEntries.inc({ sign: String(sign), reason })
    for (const { sign, reason } of quarantine) if (sign > 0) delivery.metrics.quarantined.inc({ reason })
    onPosted()
  }

  async #advanceCursor(): Promise<void> {
    const { wal } = this.#settings
    const oldest = this.#queue.oldestLsn()
    const stored = wal.cursor(EVIDENCE_CONSUMER)
    const settled = oldest === undefined ? stored : oldest - 1n
    await wal.advanceCursor(SETTLEMENT_CONSUMER, settled < stored ? settled : stored)
  }
}

/** Everything that decides where calls are cut, as text. */
const cutsOf = ({ bandEdges, edgesActiveFrom, slotSplits }: LedgerTables): string =>
  JSON.stringify([bandEdges, edgesActiveFrom, slotSplits])

/** Delivery of a ledger unit that is sealed already. */
export const deliverLedger = async (unit: OutgoingUnit, wal: Wal, delivery: DeliverySettings): Promise<void> => {
  await deliverUnit(unit, delivery)
  await wal.removeSealed(unit.name)
}
