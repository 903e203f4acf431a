/**
 * Puts planned entries on the ledger: numbered, sealed, delivered. A unit is sealed before it is sent: a crash before
 * sealing evaluates again, a crash after it re-sends the same bytes.
 */
import { callsTable, encodingUnit, quarantineTable } from '@outlay/clickhouse'
import { type Clock, inTurns } from '@outlay/core'
import { type DeliverySettings, deliverUnit } from '#src/pipeline/deliver-unit.ts'
import type { OutgoingUnit } from '#src/pipeline/sealed-manifest.ts'
import { releaseBytes } from '#src/release-bytes.ts'
import type { Wal } from '#src/wal/index.ts'
import type { PlannedEntries, Posting } from './plan-entries.ts'

interface PosterSettings {
  readonly wal: Wal
  readonly delivery: DeliverySettings
  readonly clock: Clock
  /** Called after entries were posted: new skus may want prices. */
  readonly onPosted: () => void
}

const EPOCH_SHIFT = 32n

export class LedgerPoster {
  readonly #settings: PosterSettings
  #unitSeq = 0n

  constructor(settings: PosterSettings) {
    this.#settings = settings
  }

  /** What the rows of the next unit say about their posting. */
  nextPosting(): Posting {
    const { clock, wal } = this.#settings
    this.#unitSeq += 1n
    return { postedAtMs: clock.now(), walId: wal.uuid, unit: (wal.epoch << EPOCH_SHIFT) | this.#unitSeq }
  }

  /** Posts entries that were planned with the last posting; resolves when the database has them. Nothing = no unit. */
  async post({ calls, quarantine }: PlannedEntries): Promise<void> {
    if (calls.length + quarantine.length === 0) return
    const { wal, delivery, clock, onPosted } = this.#settings
    const name = `${wal.uuid}:${wal.epoch}:L${this.#unitSeq}`
    const blocks = [
      ...(calls.length > 0
        ? [{ ...(await inTurns(encodingUnit(callsTable, calls, `${name}:calls`))), rows: calls.length }]
        : []),
      ...(quarantine.length > 0
        ? [
            {
              ...(await inTurns(encodingUnit(quarantineTable, quarantine, `${name}:quarantine`))),
              rows: quarantine.length,
            },
          ]
        : []),
    ]
    const unit: OutgoingUnit = {
      name: `ledger-${wal.epoch}-${this.#unitSeq}`,
      kind: 'ledger',
      lastLsn: 0n,
      walId: wal.uuid,
      sealedAtMs: clock.now(),
      blocks,
    }
    await delivery.seal(unit)
    await deliverLedger(unit, wal, delivery)
    for (const { body } of blocks) releaseBytes(body)
    for (const { sign, reason } of calls) delivery.metrics.ledgerEntries.inc({ sign: String(sign), reason })
    for (const { sign, reason } of quarantine) if (sign > 0) delivery.metrics.quarantined.inc({ reason })
    onPosted()
  }
}

/** Delivery of a ledger unit that is sealed already. */
export const deliverLedger = async (unit: OutgoingUnit, wal: Wal, delivery: DeliverySettings): Promise<void> => {
  await deliverUnit(unit, delivery)
  await wal.removeSealed(unit.name)
}
