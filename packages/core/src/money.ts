/**
 * Money as integer femto-dollars (10⁻¹⁵ USD) in bigint. Nothing passes through a float;
 * the one rounding, half to even, happens where a figure leaves the system (spec: pricing §9).
 */
import { OutlayError } from './errors.ts'

/** 10⁻¹⁵ US dollars. */
export type FemtoUsd = bigint

const FEMTO_DIGITS = 15
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

/**
 * Exact decimal text → integer of 10⁻ˢᶜᵃˡᵉ units: `parseDecimal('3.75', 9)` is `3_750_000_000n`.
 * Fails with `E_DECIMAL` on anything but plain decimal notation, or on more decimals than `scale`.
 */
export const parseDecimal = (text: string, scale: number): bigint => {
  const match = DECIMAL.exec(text)
  const fraction = match?.[3] ?? ''
  if (!match || fraction.replace(/0+$/, '').length > scale) {
    throw new OutlayError('E_DECIMAL', `not a plain decimal of at most ${scale} places`, {
      got: JSON.stringify(text),
      want: `digits with at most ${scale} decimals, such as "3.75"`,
      fix: 'write the number out, without exponent, sign prefix or separators',
    })
  }
  const digits = `${match[2]}${fraction.slice(0, scale).padEnd(scale, '0')}`
  return match[1] === '-' ? -BigInt(digits) : BigInt(digits)
}

/** Integer of 10⁻ˢᶜᵃˡᵉ units → shortest exact decimal text: `formatDecimal(3_750_000_000n, 9)` is `'3.75'`. */
export const formatDecimal = (value: bigint, scale: number): string => {
  const sign = value < 0n ? '-' : ''
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`
}

export const parseUsd = (text: string): FemtoUsd => parseDecimal(text, FEMTO_DIGITS)

/** Exact dollars as decimal text, at most 15 decimals: the form of every `cost_usd` in JSON. */
export const formatUsd = (femto: FemtoUsd): string => formatDecimal(femto, FEMTO_DIGITS)

/** Integer division that rounds half to even. `divisor` must be positive. */
export const divideHalfEven = (dividend: bigint, divisor: bigint): bigint => {
  if (divisor <= 0n) throw new Error('BUG: divideHalfEven needs a positive divisor')
  const quotient = dividend / divisor
  const remainder = dividend % divisor
  const twice = (remainder < 0n ? -remainder : remainder) * 2n
  const away = dividend < 0n ? -1n : 1n
  if (twice > divisor || (twice === divisor && quotient % 2n !== 0n)) return quotient + away
  return quotient
}

/**
 * Dollars for a person: cents from one dollar up, four decimals below, and never `$0.00` for a cost above zero
 * (at least two significant digits are shown). Rounds half to even.
 */
export const displayUsd = (femto: FemtoUsd): string => {
  const magnitude = femto < 0n ? -femto : femto
  const sign = femto < 0n ? '-' : ''
  const decimals = displayDecimalsOf(magnitude)
  const rounded = divideHalfEven(magnitude, 10n ** BigInt(FEMTO_DIGITS - decimals))
  const digits = rounded.toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}$${whole}.${digits.slice(digits.length - decimals)}`
}

const displayDecimalsOf = (magnitude: bigint): number => {
  const oneUsd = 10n ** BigInt(FEMTO_DIGITS)
  if (magnitude === 0n || magnitude >= oneUsd) return 2
  // Position of the first significant decimal, plus one more digit.
  const leadingZeros = FEMTO_DIGITS - magnitude.toString().length
  return Math.min(FEMTO_DIGITS, Math.max(4, leadingZeros + 2))
}
