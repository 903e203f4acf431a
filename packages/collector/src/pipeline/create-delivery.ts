/** Everything that delivering units into one database takes: for a collector, and for upkeep while none runs. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import { type Clock, limits } from '@outlay/core'
import type { PipelineMetrics } from '#src/telemetry/pipeline-metrics.ts'
import type { Wal } from '#src/wal/index.ts'
import { DeduplicationWatch } from './deduplication-watch.ts'
import type { DeliverySettings } from './deliver-unit.ts'
import { problemOf, quarantineRecord, quarantineRow } from './quarantined-files.ts'
import { RefusalBreaker } from './refusal-breaker.ts'
import { type OutgoingUnit, resealUnit, sealUnit } from './sealed-manifest.ts'
import { untilThereIsSpace } from './until-space.ts'

interface DeliveryPlace {
  readonly client: ClickHouseClient
  readonly database: string
  readonly wal: Wal
  readonly metrics: PipelineMetrics
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Ends the attempts that are under way. */
  readonly giveUp?: AbortSignal
  readonly attemptMs?: number | undefined
}

/** What a person may want to hear of it. */
export type DeliveryEvent =
  | { readonly type: 'writer_held'; readonly table: string; readonly code: string }
  /** Nothing is inserted until these tables have a deduplication window. */
  | { readonly type: 'windows_missing'; readonly tables: string }
  /** A unit waited so long that its token may be forgotten: what its table has is counted before it is sent. */
  | { readonly type: 'unit_overdue'; readonly table: string }
  /** A unit that the table has was in doubt when the views on the table became others: it is not sent to them. */
  | { readonly type: 'views_changed'; readonly table: string; readonly views: string; readonly isHeld: boolean }
  | { readonly type: 'row_quarantined'; readonly table: string; readonly code: string }
  /** An acked record cannot be read; it is kept in quarantine. */
  | { readonly type: 'record_quarantined'; readonly lsn: bigint; readonly problem: string }
  /** The ledger cannot be read just now; the log takes everything, and the read is repeated. */
  | { readonly type: 'database_unreachable'; readonly error: unknown }
  /** Units wait for space on the disk of the log. */
  | { readonly type: 'disk_full' }

const EVERY_TABLE = 'all'

export const createDelivery = (place: DeliveryPlace, onEvent: (event: DeliveryEvent) => void): DeliverySettings => {
  const { client, database, wal, metrics, clock, signal, giveUp, attemptMs = limits.insertAttemptMs } = place
  const patience = { signal, onDiskFull: () => onEvent({ type: 'disk_full' }) }
  const windows = new DeduplicationWatch({
    client,
    database,
    walId: wal.uuid,
    signal,
    onHeld: ({ details }) => {
      metrics.writerHeld.set({ table: EVERY_TABLE }, 1)
      onEvent({ type: 'windows_missing', tables: details.got ?? '' })
    },
    onUnreachable: (error) => onEvent({ type: 'database_unreachable', error }),
    onReleased: () => metrics.writerHeld.set({ table: EVERY_TABLE }, 0),
  })
  const withFeeds = (unit: OutgoingUnit): OutgoingUnit => ({
    ...unit,
    blocks: unit.blocks.map((block) => ({ ...block, feeds: block.feeds ?? windows.feedsOf(block.table) })),
  })
  return {
    client,
    database,
    metrics,
    clock,
    attemptMs,
    signal,
    giveUp,
    breaker: new RefusalBreaker(),
    windows,
    onHeld: (table, code) => onEvent({ type: 'writer_held', table, code }),
    onOverdue: (table) => onEvent({ type: 'unit_overdue', table }),
    onUnreachable: (error) => onEvent({ type: 'database_unreachable', error }),
    onViewsChanged: (table, views, isHeld) =>
      onEvent({ type: 'views_changed', table, views: views.join(', '), isHeld }),
    seal: async (unit) => {
      // What it will meet is part of what is fixed before it is sent.
      await windows.ensure()
      // Whoever has waited for the database for too long may find the log closed.
      signal.throwIfAborted()
      await untilThereIsSpace(patience, () => sealUnit(wal, withFeeds(unit)))
    },
    reseal: (unit) => untilThereIsSpace(patience, () => resealUnit(wal, withFeeds(unit))),
    quarantine: async (row) => {
      const { table, rows } = row.block
      await untilThereIsSpace(patience, () => quarantineRow(wal, row))
      metrics.quarantined.inc({ reason: 'refused_row' }, rows)
      onEvent({ type: 'row_quarantined', table, code: row.code })
    },
    quarantineRecord: async (unreadable) => {
      const { lsn, spanCount } = unreadable.record
      await untilThereIsSpace(patience, () => quarantineRecord(wal, unreadable))
      metrics.quarantined.inc({ reason: 'unreadable_record' }, spanCount)
      onEvent({ type: 'record_quarantined', lsn, problem: problemOf(unreadable) })
    },
  }
}
