/** Spend in currencies: what each price sheet charged in its own, and all of it in one, converted as it is shown. */
import { divideHalfEven, formatUsd, parseDecimal, parseUsd } from '@outlay/core'

/** One line of the view `kpi_spend_by_currency`: a UTC day and a currency. */
export interface CurrencyLine {
  readonly day: string
  readonly currency: string
  readonly amount: string
  readonly rate: string | null
  readonly rate_pair: string
  readonly rate_day: string
  readonly rate_source: string
  readonly calls: string
  readonly unpriced_calls: string
}

export interface CurrencyTotal {
  readonly currency: string
  /** In that currency, exact. */
  readonly amount: string
  /** In the currency asked for, rounded once; null where a day has no rate. */
  readonly converted: string | null
  readonly calls: number
  readonly unpriced_calls: number
  /** The rates that were used: `EURUSD 1.08 of 2026-11-20 (ECB)`. */
  readonly rates: readonly string[]
}

const RATE_DECIMALS = 9
const UNIT = 10n ** BigInt(RATE_DECIMALS)

interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

const plus = (a: Fraction, b: Fraction): Fraction => ({
  numerator: a.numerator * b.denominator + b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
})

/** A line in the currency asked for, exact; undefined where no rate leads there. */
const converted = (line: CurrencyLine, to: string): Fraction | undefined => {
  const femto = parseUsd(line.amount)
  if (line.currency === to) return { numerator: femto, denominator: 1n }
  if (line.rate === null) return undefined
  const rate = parseDecimal(line.rate, RATE_DECIMALS)
  return line.rate_pair.startsWith(line.currency)
    ? { numerator: femto * rate, denominator: UNIT }
    : { numerator: femto * UNIT, denominator: rate }
}

const rateText = ({ rate, rate_pair, rate_day, rate_source }: CurrencyLine): string[] =>
  rate === null ? [] : [`${rate_pair} ${rate} of ${rate_day} (${rate_source})`]

const totalOf = (currency: string, lines: readonly CurrencyLine[], to: string): CurrencyTotal => {
  const parts = lines.map((line) => converted(line, to))
  const known = parts.flatMap((part) => part ?? [])
  const sum = known.reduce(plus, { numerator: 0n, denominator: 1n })
  const sumOf = (pick: (line: CurrencyLine) => string): number =>
    lines.reduce((total, line) => total + Number(pick(line)), 0)
  return {
    currency,
    amount: formatUsd(lines.reduce((total, { amount }) => total + parseUsd(amount), 0n)),
    converted: known.length < parts.length ? null : formatUsd(divideHalfEven(sum.numerator, sum.denominator)),
    calls: sumOf(({ calls }) => calls),
    unpriced_calls: sumOf(({ unpriced_calls }) => unpriced_calls),
    rates: [...new Set(lines.flatMap(rateText))],
  }
}

/** Totals per currency, dollars first. */
export const totalsByCurrency = (lines: readonly CurrencyLine[], to: string): CurrencyTotal[] =>
  [...Map.groupBy(lines, ({ currency }) => currency)]
    .map(([currency, ofCurrency]) => totalOf(currency, ofCurrency, to))
    .toSorted((a, b) => (a.currency === 'USD' ? -1 : b.currency === 'USD' ? 1 : a.currency < b.currency ? -1 : 1))
