/**
 * Delivers one sealed unit. A block that the database refuses before anything of it could commit is taken apart until the
 * refused rows stand alone; they go into quarantine and the rest is delivered (collector §7.4). Parts are sealed in the
 * place of the whole before the first of them is sent, so that a crash never sends the whole after a part.
 */
import { cutUnit } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import type { UnreadableRecord } from './evidence-unit.ts'
import type { RefusalBreaker } from './refusal-breaker.ts'
import { type SendSettings, sendBlock } from './send-block.ts'
import type { CountedBlock, OutgoingUnit } from './sealed-manifest.ts'

/** A row that the database refuses, as a block of its own. */
export interface RefusedRow {
  readonly block: CountedBlock
  readonly unitName: string
  /** Error code of the database. */
  readonly code: string
  /** Where the row comes from: record or ledger unit, position, ids. */
  readonly place: Readonly<Record<string, string>>
}

export interface DeliverySettings extends SendSettings {
  readonly breaker: RefusalBreaker
  /** Fixes the bytes of a unit before they are sent. Resolves when they are durable. */
  readonly seal: (unit: OutgoingUnit) => Promise<void>
  /** Puts the parts of a unit in its place. Resolves when they are durable. */
  readonly reseal: (unit: OutgoingUnit) => Promise<void>
  /** Keeps a refused row. Resolves when it is durable. */
  readonly quarantine: (row: RefusedRow) => Promise<void>
  /** Keeps a record that cannot be made into rows. Resolves when it is durable. */
  readonly quarantineRecord: (unreadable: UnreadableRecord) => Promise<void>
  /** A read has failed and is being repeated. */
  readonly onUnreachable: (error: unknown) => void
}

/** Resolves when every row of the unit is in the database, or in quarantine. Rejects only when aborted. */
export const deliverUnit = async (unit: OutgoingUnit, settings: DeliverySettings): Promise<void> => {
  const { breaker } = settings
  const { walId, sealedAtMs } = unit
  let refusedRows = 0
  const mayRefuse = (): boolean => !breaker.isOpen && refusedRows < limits.refusedRowsPerUnitMax
  let blocks = unit.blocks
  for (let block = blocks[0]; block !== undefined; block = blocks[0]) {
    const rest = blocks.slice(1)
    const outcome = await sendBlock(block, { walId, sealedAtMs, mayRefuse }, settings)
    if (outcome.status === 'accepted') {
      blocks = rest
      continue
    }
    const whole = cutUnit(block)
    if (whole.rows > 1) {
      blocks = [...whole.halves(), ...rest]
    } else {
      await settings.quarantine({ block, unitName: unit.name, code: outcome.code, place: whole.firstRow() })
      refusedRows += 1
      blocks = rest
    }
    await settings.reseal({ ...unit, blocks })
  }
  breaker.note(refusedRows > 0)
}
