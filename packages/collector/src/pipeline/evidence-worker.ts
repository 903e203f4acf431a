/**
 * Log → `spans`. Reads durable records in order, closes units by size and age, seals each before its first attempt and
 * moves the cursor only after the database has it.
 *
 * Invariants: a unit is a contiguous range of records; its bytes and token never change once sealed; the sealed file goes
 * only after the cursor has passed it, so a crash at any point re-sends the same bytes or starts from unsent records.
 */
import { inTurns, limits, NANOS_PER_MS } from '@outlay/core'
import { releaseBytes } from '#src/release-bytes.ts'
import type { EvidenceMemory } from '#src/ledger/evidence-memory.ts'
import type { Wal, WalRecord } from '#src/wal/index.ts'
import { type DeliverySettings, deliverUnit } from './deliver-unit.ts'
import { buildingEvidenceUnit, type TouchedTrace } from './evidence-unit.ts'
import type { MapAttribution } from './map-attribution.ts'
import type { OutgoingUnit } from './sealed-manifest.ts'
import type { StoredRanges } from './stored-ranges.ts'

const MS_PER_SECOND = 1_000

export const EVIDENCE_CONSUMER = 'evidence'

interface EvidenceWorkerSettings {
  readonly wal: Wal
  readonly delivery: DeliverySettings
  /** Records whose spans the database has although the cursor does not say so. */
  readonly stored: StoredRanges
  /** As configured now. */
  readonly mapAttribution: () => MapAttribution
  /** Holds the requests of a unit until their traces are known to wait. */
  readonly memory: Pick<EvidenceMemory, 'admit' | 'dismiss'>
  /** How long a unit may wait for more records, in milliseconds. */
  readonly unitAgeMs: number
  /** Resolves when further evidence may be taken from the log. */
  readonly untilRoom: () => Promise<void>
  /** Called before the evidence of a unit is sent for the first time. */
  readonly onSending: (traces: readonly TouchedTrace[]) => void
  /** Called after the evidence is in the database. */
  readonly onStored: (traces: readonly TouchedTrace[]) => void
}

/** Runs until the signal aborts. Rejects on an error of ours; the log keeps everything. */
export const runEvidenceWorker = async (settings: EvidenceWorkerSettings): Promise<void> => {
  const { wal, delivery, stored, memory, mapAttribution } = settings
  let next = wal.cursor(EVIDENCE_CONSUMER) + 1n
  while (!delivery.signal.aborted) {
    await settings.untilRoom()
    const records = await collectRecords(settings, next)
    const last = records.at(-1)
    if (last === undefined) continue
    const building = { stored, memory, mapAttribution: mapAttribution(), nowMs: delivery.clock.now() }
    const { unit, traces, claims, unreadable, admitted, skewed } = await inTurns(
      buildingEvidenceUnit(wal, records, building),
    )
    for (const [reason, spans] of claims) delivery.metrics.tenantClaims.inc({ reason }, spans)
    for (const direction of ['ahead', 'behind'] as const)
      delivery.metrics.clockSkewed.inc({ direction }, skewed[direction])
    for (const record of unreadable) await delivery.quarantineRecord(record)
    for (const { body } of records) releaseBytes(body)
    await delivery.seal(unit)
    await deliverEvidence(unit, settings, traces)
    memory.dismiss(admitted)
    for (const { body } of unit.blocks) releaseBytes(body)
    noteDelay(records, delivery)
    next = last.lsn + 1n
  }
}

const noteDelay = ([oldest]: readonly WalRecord[], { clock, metrics }: DeliverySettings): void => {
  if (oldest === undefined) return
  const delayMs = clock.now() - Number(oldest.receivedUnixNano / NANOS_PER_MS)
  metrics.ingestDelay.observe(Math.max(0, delayMs) / MS_PER_SECOND)
}

/**
 * Delivery of a unit that is sealed already. Settlement hears of the traces before the cursor moves, so that "everything up
 * to the cursor is stored or waiting" holds at every moment; the cursor moves before the sealed file goes, so that the
 * range is never built a second time.
 */
export const deliverEvidence = async (
  unit: OutgoingUnit,
  { wal, delivery, onSending, onStored }: Pick<EvidenceWorkerSettings, 'wal' | 'delivery' | 'onSending' | 'onStored'>,
  traces: readonly TouchedTrace[],
): Promise<void> => {
  onSending(traces)
  await deliverUnit(unit, delivery)
  onStored(traces)
  await wal.advanceCursor(EVIDENCE_CONSUMER, unit.lastLsn)
  await wal.removeSealed(unit.name)
}

const collectRecords = async (
  { wal, delivery, unitAgeMs }: EvidenceWorkerSettings,
  fromLsn: bigint,
): Promise<readonly WalRecord[]> => {
  const { signal } = delivery
  const records: WalRecord[] = []
  const room = { spans: limits.unitSpansMax, bytes: limits.unitBytesMax }
  const deadline = { at: 0 }
  while (room.spans > 0 && room.bytes > 0) {
    const waitFrom = records.at(-1)?.lsn ?? fromLsn - 1n
    if (!(await moreWithin(wal, waitFrom, deadline, signal))) break
    const read = await wal.read(waitFrom + 1n, { recordsMax: limits.walGroupRecordsMax, bytesMax: room.bytes })
    if (read.length === 0) break
    if (deadline.at === 0) deadline.at = performance.now() + unitAgeMs
    for (const record of read) {
      // A unit names one log and one receive day: both are part of what its token and its partition rest on.
      if (records[0] !== undefined && !belongsTogether(records[0], record)) return records
      records.push(record)
      room.spans -= record.spanCount
      room.bytes -= record.body.length
      if (room.spans <= 0 || room.bytes <= 0) return records
    }
  }
  return records
}

const NANOS_PER_DAY = 86_400_000_000_000n
const belongsTogether = (first: WalRecord, other: WalRecord): boolean =>
  first.walUuid === other.walUuid && first.receivedUnixNano / NANOS_PER_DAY === other.receivedUnixNano / NANOS_PER_DAY

/** Waits for a record; without limit for the first one of a unit, then until the unit's age is reached. */
const moreWithin = async (
  wal: Wal,
  afterLsn: bigint,
  deadline: { at: number },
  signal: AbortSignal,
): Promise<boolean> => {
  const remainingMs = deadline.at === 0 ? undefined : deadline.at - performance.now()
  if (remainingMs !== undefined && remainingMs <= 0) return false
  const stop =
    remainingMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(remainingMs))])
  try {
    await wal.waitForRecords(afterLsn, stop)
    return true
  } catch (error) {
    if (stop.aborted) return false
    throw error
  }
}
