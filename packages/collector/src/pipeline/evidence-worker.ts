/**
 * Log → `spans`. Reads durable records in order, closes units by size and age, seals each before its first attempt and
 * moves the cursor only after the database has it.
 *
 * A record that cannot be decoded goes to quarantine, and everything else goes on.
 *
 * Invariants: a unit is a contiguous range of records; its bytes and token never change once sealed; the sealed file goes
 * only after the cursor has passed it, so a crash at any point re-sends the same bytes or starts from unsent records.
 */
import { encodeUnit, type SpanRow, spansTable } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import { decodeTraceRequest, WireError } from '#src/otlp/index.ts'
import type { Wal, WalRecord } from '#src/wal/index.ts'
import { isGenAiSpan, type SpanEvidence, speaksOwnDialect } from '@outlay/semconv'
import { type DeliverySettings, deliverUnit } from './deliver-unit.ts'
import { manifestOf, type OutgoingUnit } from './sealed-manifest.ts'
import { spanRowOf } from './span-rows.ts'

export const EVIDENCE_CONSUMER = 'evidence'

/** A trace that got new evidence, and whether all of it speaks our own dialect. */
export interface TouchedTrace {
  readonly authority: string
  readonly traceId: string
  readonly ownDialect: boolean
  readonly firstLsn: bigint
}

interface EvidenceWorkerSettings {
  readonly wal: Wal
  readonly delivery: DeliverySettings
  /** How long a unit may wait for more records, in milliseconds. */
  readonly unitAgeMs: number
  /** Called after the evidence is in the database. */
  readonly onStored: (traces: readonly TouchedTrace[]) => void
}

/** Runs until the signal aborts. Rejects on an error of ours; the log keeps everything. */
export const runEvidenceWorker = async (settings: EvidenceWorkerSettings): Promise<void> => {
  const { wal, delivery } = settings
  let next = wal.cursor(EVIDENCE_CONSUMER) + 1n
  while (!delivery.signal.aborted) {
    const records = await collectRecords(settings, next)
    const last = records.at(-1)
    if (last === undefined) continue
    const { unit, traces, undecodable } = buildEvidenceUnit(wal, records)
    // Before the cursor passes them: a crash in between keeps them twice, and they are posted once.
    for (const { record, problem } of undecodable) await delivery.quarantineRecord(record, problem)
    await wal.seal(
      unit.name,
      unit.blocks.map(({ body }) => body),
      manifestOf(unit),
    )
    await deliverEvidence(unit, settings, traces)
    next = last.lsn + 1n
  }
}

/**
 * Delivery of a unit that is sealed already. Settlement hears of the traces before the cursor moves, so that "everything up
 * to the cursor is stored or waiting" holds at every moment; the cursor moves before the sealed file goes, so that the
 * range is never built a second time.
 */
export const deliverEvidence = async (
  unit: OutgoingUnit,
  { wal, delivery, onStored }: Pick<EvidenceWorkerSettings, 'wal' | 'delivery' | 'onStored'>,
  traces: readonly TouchedTrace[],
): Promise<void> => {
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

interface UndecodableRecord {
  readonly record: WalRecord
  readonly problem: string
}

interface EvidenceUnit {
  readonly unit: OutgoingUnit
  readonly traces: readonly TouchedTrace[]
  readonly undecodable: readonly UndecodableRecord[]
}

const buildEvidenceUnit = (wal: Wal, records: readonly WalRecord[]): EvidenceUnit => {
  const rows: SpanRow[] = []
  const traces = new Map<string, TouchedTrace>()
  const undecodable: UndecodableRecord[] = []
  for (const record of records) {
    const decoded = decodeRecord(record)
    if (typeof decoded === 'string') {
      undecodable.push({ record, problem: decoded })
      continue
    }
    decoded.forEach((span, pos) => {
      rows.push(spanRowOf(span, { walId: record.walUuid, lsn: record.lsn, pos }))
      touch(traces, span, record.lsn)
    })
  }
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) throw new Error('BUG: an evidence unit needs records')
  const range = `${first.lsn}-${last.lsn}`
  const token = `${first.walUuid}:${wal.epoch}:${range}:${spansTable.table}`
  const blocks = rows.length === 0 ? [] : [{ ...encodeUnit(spansTable, rows, token), rows: rows.length }]
  return {
    unit: { name: `evidence-${range}`, kind: 'evidence', lastLsn: last.lsn, blocks },
    traces: [...traces.values()],
    undecodable,
  }
}

/** Its spans, or what is wrong with it: an offset, never a value. */
const decodeRecord = ({ body, meta, receivedUnixNano }: WalRecord): readonly SpanEvidence[] | string => {
  try {
    return decodeTraceRequest(body, { authority: meta.authority, receivedUnixNano }).spans
  } catch (error) {
    if (error instanceof WireError) return error.message
    throw error
  }
}

const touch = (traces: Map<string, TouchedTrace>, span: SpanEvidence, lsn: bigint): void => {
  const key = `${span.authority}\u0000${span.traceId}`
  const known = traces.get(key)
  // A plain span between GenAI spans is evidence for ancestry and says nothing about the dialect.
  const ownDialect = !isGenAiSpan(span) || speaksOwnDialect(span)
  traces.set(key, {
    authority: span.authority,
    traceId: span.traceId,
    ownDialect: ownDialect && (known?.ownDialect ?? true),
    firstLsn: known?.firstLsn ?? lsn,
  })
}
