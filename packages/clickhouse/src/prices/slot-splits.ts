/** Appends cuts of slots. Nothing is ever changed or removed: calls store the instant as their slot. */
import type { ClickHouseClient } from '@clickhouse/client'
import type { SlotSplit } from '@outlay/pricing'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { slotSplitsTable } from '#src/tables/price-tables.ts'
import { whileBookIsLocked } from './book-lock.ts'

export interface NewSlotSplit extends SlotSplit {
  readonly author: string
  readonly reason: string
  readonly atMs: number
}

/**
 * Appends a cut, once. Answers whether anything had to be written. Fails with `E_PRICE_BOOK_BUSY` while the book is being
 * changed.
 */
export const addSlotSplit = async (
  client: ClickHouseClient,
  database: string,
  { provider, model, at, author, reason, atMs }: NewSlotSplit,
): Promise<'added' | 'unchanged'> =>
  whileBookIsLocked(client, database, async () => {
    const present = await readRows(client, database, slotSplitsTable, { where: '1' })
    if (present.some((split) => split.provider === provider && split.model === model && split.at === at)) {
      return 'unchanged'
    }
    await writeRows(client, database, slotSplitsTable, {
      rows: [{ provider, model, at, added_at: BigInt(atMs), author, reason }],
      token: `slot-split:${provider}:${model}:${at}`,
    })
    return 'added'
  })
