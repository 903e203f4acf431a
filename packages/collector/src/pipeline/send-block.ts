/**
 * Sends one block: the same bytes with the same token until the database has taken or refused it, for ever. Giving up on an
 * insert that is in doubt would be a loss or a double count; there is no third outcome (collector law 7).
 */
import { setTimeout as delay } from 'node:timers/promises'
import {
  type ClickHouseClient,
  countStored,
  fateOfFeeds,
  type FailedInsert,
  insertUnit,
  type InsertOutcome,
  type ViewFeeds,
} from '@outlay/clickhouse'
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
  /** Ends an attempt that is under way: it is in doubt then, as after a crash. */
  readonly giveUp?: AbortSignal | undefined
  readonly onHeld: (table: string, code: string) => void
  /** A unit waited so long that its token may be forgotten; what the table has of it was counted instead. */
  readonly onOverdue: (table: string) => void
  /** The table has a unit that was in doubt while views on it became others (`views`). Held: until they are as they were. */
  readonly onViewsChanged: (table: string, views: ViewFeeds, isHeld: boolean) => void
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
/** A table has the block, and some of the tables behind it would count it once more. */
const VIEWS_CHANGED = 'views_changed'

/** Resolves when the block is in the database or refused by it before anything of it could commit. Rejects when aborted. */
export const sendBlock = async (block: CountedBlock, doubt: Doubt, settings: SendSettings): Promise<SendOutcome> => {
  const { table } = block
  const { metrics, signal, windows, clock } = settings
  const answered = metrics.inDoubt.begin(table)
  const firstAttemptAt = performance.now()
  let damaged = 0
  let isOverdue = false
  // What an earlier attempt met, if there was one.
  let feeds = block.feeds
  try {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted()
      await windows.ensure()
      const used = windows.usedShare(table, clock.now() - doubt.sealedAtMs)
      metrics.windowUsed.set({ table }, used)
      if (used >= 1 && !isOverdue) settings.onOverdue(table)
      isOverdue ||= used >= 1
      const outcome = isOverdue
        ? await sendCounted(block, doubt, settings)
        : await sendProtected(block, { ...doubt, feeds }, settings)
      feeds ??= windows.feedsOf(table)
      // The log may be closed by now.
      settings.giveUp?.throwIfAborted()
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

const attemptOnce = async (block: CountedBlock, settings: SendSettings) => {
  const { client, database, metrics, attemptMs, giveUp } = settings
  const { table } = block
  const stopTimer = metrics.insertDuration.startTimer({ table })
  const outcome = await insertUnit(client, database, block, { attemptMs, giveUp })
  stopTimer()
  metrics.inserts.inc({ table, result: outcome.status })
  return outcome
}

/** The token protects a block only in front of the views that an earlier attempt met; with others the table decides. */
const sendProtected = async (
  block: CountedBlock,
  { feeds, ...doubt }: Doubt & { readonly feeds: ViewFeeds | undefined },
  settings: SendSettings,
): Promise<InsertOutcome> => {
  const { table } = block
  if (feeds === undefined) return attemptOnce(block, settings)
  const now = await unlessUnreadable(() => settings.windows.readFeeds(table))
  if (now === undefined) return UNREADABLE
  const fate = fateOfFeeds(feeds, now)
  if (fate === 'kept') return attemptOnce(block, settings)
  let isStored = false
  const outcome = await sendCounted(block, doubt, settings, () => (isStored = true))
  if (!isStored) return outcome
  settings.onViewsChanged(table, differingFeeds(feeds, now), fate === 'mixed')
  return fate === 'mixed' ? { status: 'hold', code: VIEWS_CHANGED } : outcome
}

const differingFeeds = (one: ViewFeeds, other: ViewFeeds): ViewFeeds => [
  ...one.filter((feed) => !other.includes(feed)),
  ...other.filter((feed) => !one.includes(feed)),
]

/** Where a token protects nothing, what the table has decides. */
const sendCounted = async (
  block: CountedBlock,
  { walId }: Doubt,
  settings: SendSettings,
  onStored: () => void = () => undefined,
): Promise<InsertOutcome> => {
  const { client, database } = settings
  const counted = await unlessUnreadable(() => countStored(client, database, { ...block, walId }))
  if (counted === undefined) return UNREADABLE
  const { rows, stored } = counted
  if (stored > 0 && stored < rows) return { status: 'hold', code: PARTLY_STORED }
  if (stored === 0) return attemptOnce(block, settings)
  onStored()
  return { status: 'accepted' }
}

const UNREADABLE = { status: 'transient', code: 'unreadable' } as const

const unlessUnreadable = async <Result>(read: () => Promise<Result>): Promise<Result | undefined> => {
  try {
    return await read()
  } catch (error) {
    if (isOurs(error)) throw error
    return undefined
  }
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
