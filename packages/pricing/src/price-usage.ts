/**
 * The price of one call: the TypeScript reference that SQL must equal to the femto-dollar (spec: pricing §8, §9).
 * Not priced is a state with a reason, never a zero.
 */
import { assert, divideHalfEven, limits, METERS, type Meter, type MeterQuantities } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { indexOfBook } from '#src/book-index.ts'
import { intervalAt } from '#src/interval.ts'
import type { PriceRow } from '#src/price-row.ts'
import { resolveSku, type SkuResolution } from '#src/resolve-sku.ts'
import type { SkuParts } from '#src/sku.ts'

export type CostStatus =
  | 'invalid_usage'
  | 'no_usage'
  | 'unpriced_model'
  | 'unpriced_tier'
  | 'unpriced_time'
  | 'unpriced_meter'
  | 'partial'
  | 'priced'

export interface UsageQuestion {
  readonly parts: SkuParts
  /** The price slot of the call, unix seconds. */
  readonly slot: number
  readonly usage: MeterQuantities
  /**
   * What the ledger says about the counters; `conflict` and `absent` decide, every other status is priced.
   * Left out: counters are absent if `usage` has no meter at all.
   */
  readonly usageStatus?: 'reported' | 'partial' | 'estimated' | 'absent' | 'conflict'
}

export interface PricedLine {
  readonly meter: Meter
  readonly quantity: number
  readonly price: string
  readonly per: number
  /** This line alone, rounded half to even; the total is rounded once and not from these. */
  readonly costFemto: bigint
  readonly validFrom: number
  readonly validTo: number
  readonly source: string
  /** Whose price: the list, or a contract. */
  readonly card: string
  readonly derivedFrom: string
}

export interface PricedUsage {
  readonly status: CostStatus
  /** Femto-units of `currency`; absent unless the status is `priced`. */
  readonly costFemto?: bigint
  /** The part that has prices, whatever the status. */
  readonly pricedSubtotalFemto: bigint
  readonly currency: string
  readonly lines: readonly PricedLine[]
  /** Used meters without a price. */
  readonly missing: readonly Meter[]
  /** Absent where the usage itself decided. */
  readonly resolved?: SkuResolution
  readonly parts: SkuParts
  readonly slot: number
}

const isValidQuantity = (quantity: number): boolean =>
  Number.isInteger(quantity) && quantity >= 0 && quantity <= limits.meterQuantityMax

/** Cost in ninths of a femto-unit, so that nothing is rounded before the end. */
const ninthsOf = ({ fusd, ninths }: PriceRow, quantity: number): bigint =>
  (fusd * 9n + BigInt(ninths)) * BigInt(quantity)

const lineOf = (row: PriceRow, quantity: number): PricedLine => ({
  meter: row.meter,
  quantity,
  price: row.price,
  per: row.per,
  costFemto: divideHalfEven(ninthsOf(row, quantity), 9n),
  validFrom: row.validFrom,
  validTo: row.validTo,
  source: row.source,
  card: row.card,
  derivedFrom: row.derivedFrom,
})

/** Rows of the resolved sheet and band that hold in the slot, by meter. */
const rowsAt = (
  book: BookData,
  resolved: SkuResolution & { readonly state: 'ok' },
  slot: number,
): { readonly currency: string; readonly rows: ReadonlyMap<Meter, PriceRow> } => {
  const sheet = indexOfBook(book).sheetOf(resolved)
  assert(sheet !== undefined, 'a resolved sheet is in the index')
  const rows = new Map<Meter, PriceRow>()
  for (const { meter, rows: ofMeter } of sheet.meters.get(resolved.band) ?? []) {
    const row = intervalAt(ofMeter, slot)
    if (row !== undefined) rows.set(meter, row)
  }
  return { currency: sheet.currency, rows }
}

const statusOf = (used: number, missing: number): CostStatus =>
  missing === 0 ? 'priced' : missing === used ? 'unpriced_meter' : 'partial'

const priceMeters = (
  book: BookData,
  { usage, slot }: UsageQuestion,
  used: readonly Meter[],
  resolved: SkuResolution & { readonly state: 'ok' },
) => {
  const { currency, rows } = rowsAt(book, resolved, slot)
  const priced = used.flatMap((meter) => {
    const row = rows.get(meter)
    return row === undefined ? [] : [{ row, quantity: usage[meter] ?? 0 }]
  })
  const missing = used.filter((meter) => !rows.has(meter))
  const ninths = priced.reduce((sum, { row, quantity }) => sum + ninthsOf(row, quantity), 0n)
  const subtotal = divideHalfEven(ninths, 9n)
  const status = statusOf(used.length, missing.length)
  return {
    status,
    ...(status === 'priced' ? { costFemto: subtotal } : {}),
    pricedSubtotalFemto: subtotal,
    currency,
    lines: priced.map(({ row, quantity }) => lineOf(row, quantity)),
    missing,
    resolved,
  }
}

/** Prices one call under a book. Total: every question has an answer, and the first state that applies is it. */
export const priceUsage = (book: BookData, question: UsageQuestion): PricedUsage => {
  const { parts, slot, usage, usageStatus } = question
  const nothing = { pricedSubtotalFemto: 0n, currency: '', lines: [], missing: [], parts, slot } as const
  const quantities = METERS.map((meter) => usage[meter]).filter((quantity) => quantity !== undefined)
  if (usageStatus === 'conflict' || !quantities.every(isValidQuantity)) return { ...nothing, status: 'invalid_usage' }
  const absent = usageStatus === undefined ? quantities.length === 0 : usageStatus === 'absent'
  if (absent) return { ...nothing, status: 'no_usage' }
  const used = METERS.filter((meter) => (usage[meter] ?? 0) !== 0)
  if (used.length === 0) return { ...nothing, status: 'priced', costFemto: 0n }
  const resolved = resolveSku(book, parts, slot)
  if (resolved.state !== 'ok') return { ...nothing, status: resolved.state, missing: used, resolved }
  return { ...nothing, ...priceMeters(book, question, used, resolved) }
}
