/**
 * Money in another currency, for presentation only: nothing is ever stored converted, since a list in another currency is
 * not ours times a rate (spec: pricing §10).
 */
import { divideHalfEven, parseDecimal } from '@outlay/core'
import { PRICE_DECIMALS } from '#src/price-row.ts'

/** One `base` costs `rate` of `quote` on that day. */
export interface FxRate {
  readonly base: string
  readonly quote: string
  /** `2026-11-21`. */
  readonly day: string
  /** Decimal text of at most 9 places, above 0. */
  readonly rate: string
  readonly source: string
}

export interface ForeignAmount {
  /** Femto-units of `currency`. */
  readonly femto: bigint
  readonly currency: string
  /** The UTC day of the price slot. */
  readonly day: string
}

export interface ConvertedAmount {
  /** Exact: femto-units of the new currency are `numerator / denominator`. Sum these, and round once. */
  readonly numerator: bigint
  readonly denominator: bigint
  /** The same, rounded half to even. */
  readonly femto: bigint
  /** What was used, to be printed with the figure; absent where no conversion was needed. */
  readonly rate?: FxRate
}

const UNIT = 10n ** BigInt(PRICE_DECIMALS)

const latest = (rates: readonly FxRate[], base: string, quote: string, day: string): FxRate | undefined => {
  let found: FxRate | undefined
  for (const rate of rates) {
    if (rate.base !== base || rate.quote !== quote || rate.day > day) continue
    if (found === undefined || found.day < rate.day) found = rate
  }
  return found
}

/**
 * Converts at the rate of the amount's day, or the last one before it; a rate that is quoted the other way round is
 * inverted exactly. Undefined where no such rate is known: the amount stays a line in its own currency.
 * Fails with `E_DECIMAL` on a rate that is no decimal, and on a rate of 0 (programmer error).
 */
export const convertFemto = (
  { femto, currency, day }: ForeignAmount,
  to: string,
  rates: readonly FxRate[],
): ConvertedAmount | undefined => {
  if (currency === to) return { numerator: femto, denominator: 1n, femto }
  const direct = latest(rates, currency, to, day)
  const inverse = latest(rates, to, currency, day)
  const rate = direct === undefined || (inverse !== undefined && inverse.day > direct.day) ? inverse : direct
  if (rate === undefined) return undefined
  const factor = parseDecimal(rate.rate, PRICE_DECIMALS)
  const [numerator, denominator] = rate === direct ? [femto * factor, UNIT] : [femto * UNIT, factor]
  return { numerator, denominator, femto: divideHalfEven(numerator, denominator), rate }
}
