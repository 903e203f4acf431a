/**
 * Exact money of a reconciliation: integers of 10⁻³⁰ US dollars. Providers print up to 30 decimals, and a difference
 * must sum to the last of them, so nothing here is a float and nothing is rounded on the way in (spec: pricing §15).
 */
import { assert, displayUsd, divideHalfEven, type FemtoUsd, formatDecimal } from '@outlay/core'

/** 10⁻³⁰ US dollars. */
export type QuectoUsd = bigint

/** An exact price of one unit as a fraction of quecto-dollars; `denominator` is positive. */
export interface UnitPrice {
  readonly numerator: bigint
  readonly denominator: bigint
}

const QUECTO_DIGITS = 30
const QUECTO_PER_FEMTO = 10n ** 15n
const NINTHS = 9n
const EXPONENT_MAX = 60
export const QUECTO_PER_USD: QuectoUsd = 10n ** BigInt(QUECTO_DIGITS)
export const CENT: QuectoUsd = QUECTO_PER_USD / 100n

const NUMBER = /^(-?)(\d{1,60})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * Decimal text, with or without exponent, times 10^`shift`, as an integer of 10⁻ˢᶜᵃˡᵉ units. `undefined` where the text
 * is no number, or needs more decimals than `scale` has.
 */
export const parseScaled = (text: string, scale: number, shift = 0): bigint | undefined => {
  const match = NUMBER.exec(text)
  if (match === null) return undefined
  const exponent = Number(match[4] ?? '0') + shift
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined
  const fraction = match[3] ?? ''
  const digits = BigInt(`${match[2]}${fraction}`)
  const power = scale + exponent - fraction.length
  const divisor = 10n ** BigInt(Math.max(0, -power))
  if (digits % divisor !== 0n) return undefined
  const magnitude = (digits / divisor) * 10n ** BigInt(Math.max(0, power))
  return match[1] === '-' ? -magnitude : magnitude
}

/** Dollars as decimal text; `shift` −2 reads cents. `undefined` where it is no number or has more than 30 decimals. */
export const parseQuecto = (text: string, shift = 0): QuectoUsd | undefined => parseScaled(text, QUECTO_DIGITS, shift)

export const quectoOf = (femto: FemtoUsd): QuectoUsd => femto * QUECTO_PER_FEMTO

/** The price of one unit: `fusd` + `ninths`/9 femto-dollars. */
export const unitPriceOf = (fusd: bigint, ninths: number): UnitPrice => ({
  numerator: (NINTHS * fusd + BigInt(ninths)) * QUECTO_PER_FEMTO,
  denominator: NINTHS,
})

/** `amount` over `quantity` units. The quantity must not be 0. */
export const ratioOf = (amount: QuectoUsd, quantity: bigint): UnitPrice => {
  assert(quantity !== 0n, 'a price needs a quantity')
  return quantity < 0n ? { numerator: -amount, denominator: -quantity } : { numerator: amount, denominator: quantity }
}

/** Exact where the product ends within 30 decimals; else rounded once, half to even, to the femto-dollar. */
export const costOf = (quantity: bigint, { numerator, denominator }: UnitPrice): QuectoUsd => {
  const product = quantity * numerator
  if (product % denominator === 0n) return product / denominator
  return divideHalfEven(product, denominator * QUECTO_PER_FEMTO) * QUECTO_PER_FEMTO
}

export const magnitudeOf = (value: bigint): bigint => (value < 0n ? -value : value)

/** Exact dollars as decimal text. */
export const formatQuecto = (amount: QuectoUsd): string => formatDecimal(amount, QUECTO_DIGITS)

/** Dollars for a person; rounded, never `$0.00` for an amount of at least a femto-dollar. */
export const displayQuecto = (amount: QuectoUsd): string => displayUsd(divideHalfEven(amount, QUECTO_PER_FEMTO))

/** A price per `per` units in dollars with at most `decimals` decimals, for a person. */
export const displayPrice = ({ numerator, denominator }: UnitPrice, per: number, decimals = 6): string => {
  const unit = denominator * 10n ** BigInt(QUECTO_DIGITS - decimals)
  return formatDecimal(divideHalfEven(numerator * BigInt(per), unit), decimals)
}
