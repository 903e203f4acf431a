/** A feed's numbers → exact decimal text, once (spec: pricing §9, §13). */
import { formatDecimal } from '@outlay/core'
import { PRICE_DECIMALS } from '#src/price-row.ts'

/** Digits that survive a round trip through a float with noise cut off: `0.18000000000000002` means 0.18. */
const SIGNIFICANT_DIGITS = 12

const withoutExponent = (text: string): string => {
  const [, whole = '', fraction = '', exponent] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? []
  const shift = Number(exponent ?? 0)
  const digits = `${whole}${fraction}`
  const point = whole.length + shift
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return `${digits}${'0'.repeat(point - digits.length)}`
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

const timesUnits = (text: string, units: number): string => {
  const [whole = '', fraction = ''] = text.split('.')
  return formatDecimal(BigInt(`${whole}${fraction}`) * BigInt(units), fraction.length)
}

/**
 * The decimal that a feed's number means, or why it is no price: negative, not finite, or more than 9 places after
 * float noise is cut off. `0.18000000000000002` → `0.18`, `3.0001999999999996e-07` → a reason. A feed that quotes single
 * units is asked for the price of `units`: `(1.25e-6, 1_000_000)` → `1.25`.
 */
export const decimalOfFeed = (value: number, units = 1): { readonly text: string } | { readonly reason: string } => {
  if (!Number.isFinite(value)) return { reason: `${value} is not a price` }
  if (value < 0 || Object.is(value, -0)) return { reason: `${value} is negative` }
  const text = timesUnits(withoutExponent(Number(value.toPrecision(SIGNIFICANT_DIGITS)).toString()), units)
  const [whole = '', fraction = ''] = text.split('.')
  if (fraction.length > PRICE_DECIMALS || whole.length > PRICE_DECIMALS) {
    const per = units === 1 ? '' : ` per ${units}`
    return { reason: `${value}${per === '' ? '' : ` is ${text}${per}, which`} has more than ${PRICE_DECIMALS} places` }
  }
  return { text }
}
