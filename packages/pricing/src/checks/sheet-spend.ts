/** What the ledger used lately, per price of the book: raw skus in, sheets of ours out. */
import type { Meter } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { LIST_CARD, type PriceRow, rowKeyOf } from '#src/price-row.ts'
import { resolveSku } from '#src/resolve-sku.ts'
import type { SkuParts } from '#src/sku.ts'

export interface SkuSpend extends SkuParts {
  readonly meter: Meter
  /** Exact, femto-dollars; calls without a price are not in it. */
  readonly femtoUsd: bigint
}

/** The money of each price of the list. Names are read as they mean at `now`; what has no price then touches none. */
export const spendByPrice = (book: BookData, spends: readonly SkuSpend[], now: number): ((row: PriceRow) => bigint) => {
  const byPrice = new Map<string, bigint>()
  for (const { meter, femtoUsd, ...parts } of spends) {
    const resolved = resolveSku(book, parts, now)
    if (resolved.state !== 'ok') continue
    const { provider, model, region, tier, band } = resolved
    const key = rowKeyOf({ card: LIST_CARD, provider, model, region, tier, band, meter })
    byPrice.set(key, (byPrice.get(key) ?? 0n) + femtoUsd)
  }
  return (row) => byPrice.get(rowKeyOf({ ...row, card: LIST_CARD })) ?? 0n
}
