/** A quoted price times an exact factor, or why there is no such quote. */
import { formatDecimal, parseDecimal } from '@outlay/core'
import { PRICE_DECIMALS, type PriceRow, unitPriceOf } from '#src/price-row.ts'

type Quote = Pick<PriceRow, 'price' | 'fusd' | 'ninths'>

/** Exact: a product of more than nine decimals is a reason, never a rounded price. */
export const scaledQuote = (
  { meter, price, per }: PriceRow,
  factor: bigint,
): { readonly quote: Quote } | { readonly reason: string } => {
  const unit = 10n ** BigInt(PRICE_DECIMALS)
  const product = parseDecimal(price, PRICE_DECIMALS) * factor
  const by = formatDecimal(factor, PRICE_DECIMALS)
  if (product % unit !== 0n) return { reason: `${price} × ${by} has more than ${PRICE_DECIMALS} decimals` }
  const text = formatDecimal(product / unit, PRICE_DECIMALS)
  const unitPrice = unitPriceOf(meter, text, per)
  if (!unitPrice.exact) return { reason: `${text} per ${per} is not exact in femto-units` }
  return { quote: { price: text, fusd: unitPrice.fusd, ninths: unitPrice.ninths } }
}
