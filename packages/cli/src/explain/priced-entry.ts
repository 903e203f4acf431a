/** The cost of one entry, told twice: by the view that every KPI adds up to, and by the price rows of the book. */
import type { CallRow, EntryCost } from '@outlay/clickhouse'
import { formatUsd, parseUsd } from '@outlay/core'
import type { ExplainedUsage } from '@outlay/pricing'
import type { LedgerBook } from './ledger-book.ts'

export interface PricedEntry {
  /** By the view, signed like the entry. Null = not priced. */
  readonly cost_usd: string | null
  readonly status: string
  readonly priced_subtotal_usd: string
  /** By the book: one charge, never signed. */
  readonly by_book: ExplainedUsage & { readonly book: string }
  /** Both say the same. */
  readonly agree: boolean
}

/** Views add up dollars: to them a sheet in another currency has no price. */
const seenByViews = (price: ExplainedUsage): Pick<ExplainedUsage, 'status' | 'cost_usd' | 'missing'> => {
  if (price.currency === 'USD') return price
  const used = [...price.lines.map(({ meter }) => meter), ...price.missing]
  return { status: 'unpriced_meter', cost_usd: null, missing: used }
}

const signed = (usd: string | null, sign: number): string | null =>
  usd === null ? null : formatUsd(parseUsd(usd) * BigInt(sign))

const sameMeters = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((meter) => b.includes(meter))

/** `cost` is what the view says; undefined where it does not have the entry. */
export const pricedEntry = (entry: CallRow, cost: EntryCost | undefined, book: LedgerBook): PricedEntry => {
  const price = book.priceOf(entry)
  const expected = seenByViews(price)
  const cost_usd = cost?.cost_usd ?? null
  return {
    cost_usd,
    status: cost?.cost_status ?? 'not_in_view',
    priced_subtotal_usd: cost?.priced_subtotal_usd ?? '0',
    by_book: price,
    agree:
      cost !== undefined &&
      cost.cost_status === expected.status &&
      cost_usd === signed(expected.cost_usd, entry.sign) &&
      sameMeters(cost.missing, expected.missing),
  }
}
