/**
 * Log → another OTLP backend, at least once and in order. It has a cursor of its own and never delays the ledger: where it
 * falls behind by more than it may, it skips ahead and counts what it left out. It carries what the log holds, thus spans
 * without content unless redaction is switched off.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { limits } from '@outlay/core'
import type { MirrorMetrics } from '#src/telemetry/mirror-metrics.ts'
import type { Wal, WalRecord } from '#src/wal/index.ts'
import type { MirrorSettings } from './mirror-settings.ts'
import { type ExportOutcome, sendExport } from './send-export.ts'

export const MIRROR_CONSUMER = 'mirror'

interface MirrorWorkerSettings {
  readonly wal: Wal
  readonly mirror: MirrorSettings
  readonly metrics: MirrorMetrics
  readonly signal: AbortSignal
  /** The backend takes nothing, and why; once until it takes something again. */
  readonly onHeld: (code: string) => void
  /** It is so far behind that these records were left out. */
  readonly onSkipped: (records: bigint) => void
  /** An error of ours; it goes on after a while. */
  readonly onFailed: (error: unknown) => void
}

/** Runs until the signal aborts. Whatever goes wrong here is no reason to stop the ledger. */
export const runMirror = async (settings: MirrorWorkerSettings): Promise<void> => {
  const { signal, onFailed } = settings
  while (!signal.aborted) {
    try {
      await mirrorOn(settings)
    } catch (error) {
      if (signal.aborted) return
      onFailed(error)
      await delay(limits.mirrorRetryMaxMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

const mirrorOn = async (settings: MirrorWorkerSettings): Promise<void> => {
  const { wal, signal } = settings
  while (!signal.aborted) {
    await skipAhead(settings)
    const cursor = wal.cursor(MIRROR_CONSUMER)
    await wal.waitForRecords(cursor, signal)
    const records = await wal.read(cursor + 1n, {
      recordsMax: limits.mirrorRequestRecordsMax,
      bytesMax: limits.mirrorRequestBytesMax,
    })
    const last = records.at(-1)
    if (last === undefined) continue
    if (await sendRecords(records, settings)) await wal.advanceCursor(MIRROR_CONSUMER, last.lsn)
  }
}

const skipAhead = async ({ wal, mirror, metrics, onSkipped }: MirrorWorkerSettings): Promise<void> => {
  const cursor = wal.cursor(MIRROR_CONSUMER)
  const behind = wal.bytesAfter(cursor)
  metrics.lagBytes.set(behind)
  if (behind <= mirror.maxLagBytes) return
  const next = wal.cursorLeaving(mirror.maxLagBytes)
  if (next <= cursor) return
  metrics.skippedRecords.inc(Number(next - cursor))
  onSkipped(next - cursor)
  await wal.advanceCursor(MIRROR_CONSUMER, next)
}

/** Messages of protobuf that follow one another are one message with the spans of all. */
const bodyOf = (records: readonly WalRecord[]): Buffer => Buffer.concat(records.map(({ body }) => body))

/**
 * True when they are done with: taken, or refused for good. A request that is refused is taken apart, so that one record
 * costs no other. False when so much waits meanwhile that they have to be skipped.
 */
const sendRecords = async (records: readonly WalRecord[], settings: MirrorWorkerSettings): Promise<boolean> => {
  const outcome = await untilAnswered(bodyOf(records), settings)
  if (outcome === undefined) return false
  if (outcome.status === 'taken') return true
  if (records.length === 1) {
    settings.metrics.refusedRecords.inc({ code: outcome.code })
    return true
  }
  for (const record of records) if (!(await sendRecords([record], settings))) return false
  return true
}

type Answer = Extract<ExportOutcome, { status: 'taken' | 'refused' }>

/** Undefined when more waits than may wait. */
const untilAnswered = async (body: Buffer, settings: MirrorWorkerSettings): Promise<Answer | undefined> => {
  const { mirror, metrics, signal, onHeld, wal } = settings
  let isHeld = false
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    const outcome = await sendExport(body, mirror, signal)
    metrics.requests.inc({ result: outcome.status })
    metrics.lagBytes.set(wal.bytesAfter(wal.cursor(MIRROR_CONSUMER)))
    if (outcome.status === 'taken') metrics.rejectedSpans.inc(outcome.rejectedSpans)
    if (outcome.status === 'taken' || outcome.status === 'refused') return outcome
    const isForLong = attempt > 1 || outcome.status === 'misconfigured'
    if (!isHeld && isForLong) onHeld(outcome.code)
    isHeld ||= isForLong
    await delay(waitOf(outcome, attempt), undefined, { signal })
    if (wal.bytesAfter(wal.cursor(MIRROR_CONSUMER)) > mirror.maxLagBytes) return undefined
  }
}

const waitOf = (outcome: ExportOutcome, attempt: number): number => {
  const ceiling = Math.min(limits.mirrorRetryMaxMs, limits.mirrorRetryInitialMs * 2 ** Math.min(attempt - 1, 10))
  const own = outcome.status === 'misconfigured' ? limits.mirrorRetryMaxMs : ceiling * (0.5 + Math.random() / 2)
  return Math.max(own, outcome.status === 'retryable' ? (outcome.retryAfterMs ?? 0) : 0)
}
