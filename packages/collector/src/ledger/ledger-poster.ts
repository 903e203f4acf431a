/**
 * Puts planned entries on the ledger: numbered, sealed, delivered. A unit is sealed before it is sent: a crash before
 * sealing evaluates again, a crash after it re-sends the same bytes.
 */
import { type Clock, inTurns } from '@outlay/core'
import { type DeliverySettings, deliverUnit } from '#src/pipeline/deliver-unit.ts'
import type { OutgoingUnit } from '#src/pipeline/sealed-manifest.ts'
import { releaseBytes } from '#src/release-bytes.ts'
import type { Wal } from '#src/wal/index.ts'
import { LedgerUnit } from './ledger-unit.ts'
import type { PlannedEntries } from './plan-entries.ts'

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

  /** The next unit. One that is never posted leaves a gap in the numbers and nothing else. */
  begin(): LedgerUnit {
    const { clock, wal } = this.#settings
    this.#unitSeq += 1n
    const unit = (wal.epoch << EPOCH_SHIFT) | this.#unitSeq
    return new LedgerUnit(this.#unitSeq, { postedAtMs: clock.now(), walId: wal.uuid, unit })
  }

  /** Posts a unit; resolves when the database has it. One without entries is none. */
  async post(entries: LedgerUnit): Promise<void> {
    if (entries.entries === 0) return
    const { wal, delivery, clock, onPosted } = this.#settings
    const blocks = await inTurns(entries.finishing(`${wal.uuid}:${wal.epoch}:L${entries.sequence}`))
    const unit: OutgoingUnit = {
      name: `ledger-${wal.epoch}-${entries.sequence}`,
      kind: 'ledger',
      lastLsn: 0n,
      walId: wal.uuid,
      sealedAtMs: clock.now(),
      blocks,
    }
    await delivery.seal(unit)
    await deliverLedger(unit, wal, delivery)
    for (const { body } of blocks) releaseBytes(body)
    for (const { table, sign, reason, entries: posted } of entries.counts) {
      if (table === 'calls') delivery.metrics.ledgerEntries.inc({ sign: String(sign), reason }, posted)
      else if (sign > 0) delivery.metrics.quarantined.inc({ reason }, posted)
    }
    onPosted()
  }

  /** The same of entries that were planned as those of `unit`. */
  async postAll(unit: LedgerUnit, planned: PlannedEntries): Promise<void> {
    await inTurns(unit.adding(planned))
    await this.post(unit)
  }
}

/** Delivery of a ledger unit that is sealed already. */
export const deliverLedger = async (unit: OutgoingUnit, wal: Wal, delivery: DeliverySettings): Promise<void> => {
  await deliverUnit(unit, delivery)
  await wal.removeSealed(unit.name)
}
