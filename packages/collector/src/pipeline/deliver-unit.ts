/**
 * Delivers one sealed unit: the same bytes with the same token until the database accepts them, for ever. Giving up on
 * an insert that is in doubt would be a loss or a double count; there is no third outcome (collector law 7).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type ClickHouseClient, type InsertOutcome, insertUnit } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import type { PipelineMetrics } from '#src/telemetry/pipeline-metrics.ts'
import type { WalRecord } from '#src/wal/index.ts'
import type { CountedBlock, OutgoingUnit } from './sealed-manifest.ts'

export interface DeliverySettings {
  readonly client: ClickHouseClient
  readonly database: string
  readonly metrics: PipelineMetrics
  /** Ends the wait between attempts; the unit stays sealed for the next start. */
  readonly signal: AbortSignal
  /** Keeps a block that the database refused before anything could commit. Resolves when it is durable. */
  readonly quarantine: (block: CountedBlock, unitName: string, code: string) => Promise<void>
  /** Keeps a record that cannot be decoded. Resolves when it is durable. */
  readonly quarantineRecord: (record: WalRecord, problem: string) => Promise<void>
  readonly onHeld: (table: string, code: string) => void
  /** A read has failed and is being repeated. */
  readonly onUnreachable: (error: unknown) => void
}

/** Resolves when every block of the unit is in the database (or in quarantine). Rejects only when aborted. */
export const deliverUnit = async (unit: OutgoingUnit, settings: DeliverySettings): Promise<void> => {
  for (const block of unit.blocks) await deliverBlock(block, unit.name, settings)
}

const deliverBlock = async (block: CountedBlock, unitName: string, settings: DeliverySettings): Promise<void> => {
  const { client, database, metrics, signal } = settings
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    const stopTimer = metrics.insertDuration.startTimer({ table: block.table })
    const outcome = await insertUnit(client, database, block)
    stopTimer()
    metrics.inserts.inc({ table: block.table, result: outcome.status })
    if (outcome.status === 'accepted') {
      metrics.insertedRows.inc({ table: block.table }, block.rows)
      metrics.writerHeld.set({ table: block.table }, 0)
      return
    }
    if (outcome.status === 'poison') {
      await settings.quarantine(block, unitName, outcome.code)
      return
    }
    await backOff(outcome, attempt, block.table, settings)
  }
}

const backOff = async (
  outcome: Exclude<InsertOutcome, { status: 'accepted' | 'poison' }>,
  attempt: number,
  table: string,
  { metrics, onHeld, signal }: DeliverySettings,
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
