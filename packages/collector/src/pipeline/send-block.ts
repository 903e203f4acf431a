/**
 * Sends one block: the same bytes with the same token until the database has taken or refused it, for ever. Giving up on an
 * insert that is in doubt would be a loss or a double count; there is no third outcome (collector law 7).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type ClickHouseClient, countStored, type FailedInsert, insertUnit } from '@outlay/clickhouse'
import { type Clock, limits } from '@outlay/core'
import { isOurs } from '#src/ledger/until-reachable.ts'
import type { PipelineMetrics } from '#src/telemetry/pipeline-metrics.ts'
import type { DeduplicationWatch } from './deduplication-watch.ts'
import type { CountedBlock } from './sealed-manifest.ts'

export interface SendSettings {
  readonly client: ClickHouseClient
  readonly database: string
  readonly metrics: PipelineMetrics
  readonly clock: Clock
  /** For one attempt; then the block is sent again over another connection. */
  readonly attemptMs: number
  readonly windows: DeduplicationWatch
  /** Ends the wait between attempts; the unit stays sealed for the next start. */
  readonly signal: AbortSignal
  readonly onHeld: (table: string, code: string) => void
  /** A unit waited so long that its token may be forgotten; what the table has of it was counted instead. */
  readonly onOverdue: (table: string) => void
}

interface Doubt {
  readonly walId: string
  /** When the bytes and the token were fixed. */
  readonly sealedAtMs: number
  /** Whether a refusal may be answered by taking the block apart; otherwise the table is held. */
  readonly mayRefuse: () => boolean
}

export type SendOutcome = { readonly status: 'accepted' } | { readonly status: 'refused'; readonly code: string }

/** A table has part of a block that it can only have taken as a whole. */
const PARTLY_STORED = 'partly_stored'

/** Resolves when the block is in the database or refused by it before anything of it could commit. Rejects when aborted. */
export const sendBlock = async (block: CountedBlock, doubt: Doubt, settings: SendSettings): Promise<SendOutcome> => {
  const { table } = block
  const { metrics, signal, windows, clock } = settings
  const answered = metrics.inDoubt.begin(table)
  const firstAttemptAt = performance.now()
  let damaged = 0
  let isOverdue = false
  try {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted()
      await windows.ensure()
      const used = windows.usedShare(table, clock.now() - doubt.sealedAtMs)
      metrics.windowUsed.set({ table }, used)
      if (used >= 1 && !isOverdue) settings.onOverdue(table)
      isOverdue ||= used >= 1
      const outcome = isOverdue ? await sendOverdue(block, doubt, settings) : await attemptOnce(block, settings)
      if (outcome.status === 'accepted') {
        metrics.insertedRows.inc({ table }, block.rows)
        metrics.writerHeld.set({ table }, 0)
        return outcome
      }
      damaged += outcome.status === 'damaged' ? 1 : 0
      const isRefused = outcome.status === 'poison' || damaged >= limits.insertDamagedAttemptsMax
      if (isRefused && doubt.mayRefuse()) return { status: 'refused', code: outcome.code }
      const isHeld = isRefused || outcome.status === 'hold' || isUnknownForLong(outcome, firstAttemptAt)
      await backOff(isHeld ? { status: 'hold', code: outcome.code } : outcome, { attempt, table }, settings)
    }
  } finally {
    answered()
  }
}

const attemptOnce = async (block: CountedBlock, { client, database, metrics, attemptMs }: SendSettings) => {
  const { table } = block
  const stopTimer = metrics.insertDuration.startTimer({ table })
  const outcome = await insertUnit(client, database, block, attemptMs)
  stopTimer()
  metrics.inserts.inc({ table, result: outcome.status })
  return outcome
}

/** A token that may be forgotten protects nothing: what the table has decides. */
const sendOverdue = async (block: CountedBlock, { walId }: Doubt, settings: SendSettings) => {
  const { client, database } = settings
  try {
    const { rows, stored } = await countStored(client, database, { ...block, walId })
    if (stored === rows) return { status: 'accepted' } as const
    if (stored > 0) return { status: 'hold', code: PARTLY_STORED } as const
  } catch (error) {
    if (isOurs(error)) throw error
    return { status: 'transient', code: 'unreadable' } as const
  }
  return attemptOnce(block, settings)
}

const isUnknownForLong = ({ status }: FailedInsert, firstAttemptAt: number): boolean =>
  status === 'unknown' && performance.now() - firstAttemptAt >= limits.insertUnknownErrorMs

const backOff = async (
  outcome: FailedInsert,
  { attempt, table }: { readonly attempt: number; readonly table: string },
  { metrics, onHeld, signal }: SendSettings,
): Promise<void> => {
  metrics.insertRetries.inc({ class: outcome.status, code: outcome.code })
  if (outcome.status === 'hold') {
    metrics.writerHeld.set({ table }, 1)
    onHeld(table, outcome.code)
  }
  const ceiling = Math.min(limits.insertRetryMaxMs, limits.insertRetryInitialMs * 2 ** Math.min(attempt - 1, 10))
  const waitMs = outcome.status === 'hold' ? limits.insertRetryMaxMs : Math.random() * ceiling
  await delay(waitMs, undefined, { signal })
}
