/** Sums, shares and percentiles as kpis.md words them, over plain lists. Money is in ninths of femto-dollars. */
import { divideHalfEven } from '@outlay/core'
import type { Priced } from './oracle-ledger.ts'

const NINTHS = 9n

export const sumOf = <Item>(items: Iterable<Item>, valueOf: (item: Item) => bigint): bigint => {
  let total = 0n
  for (const item of items) total += valueOf(item)
  return total
}

export const countOf = <Item>(items: Iterable<Item>, valueOf: (item: Item) => number): number => {
  let total = 0
  for (const item of items) total += valueOf(item)
  return total
}

/** Ninths → femto-dollars, rounded once as every figure that leaves. */
export const usdOf = (ninths: bigint): bigint => divideHalfEven(ninths, NINTHS)

/** Ninths ÷ a count → femto-dollars, rounded down; undefined counts as nothing to divide by. */
export const usdPer = (ninths: bigint, count: number): bigint | null =>
  count > 0 ? ninths / (NINTHS * BigInt(count)) : null

export const callsIn = (calls: Iterable<Priced>): number => countOf(calls, ({ counts }) => counts)

/** Calls and parts of calls that are not wholly priced: each of them is a line of the bill. */
export const unpricedIn = (charges: Iterable<Priced>): number => countOf(charges, ({ unpriced }) => (unpriced ? 1 : 0))

/** What is priced of the calls. */
export const cost9Of = (calls: Iterable<Priced>): bigint => sumOf(calls, ({ cost9 }) => cost9)

/** True where something was charged and nothing of it is priced: then a total is no figure. */
export const isNothingPriced = (charges: readonly Priced[]): boolean =>
  charges.length > 0 && charges.length === unpricedIn(charges)

/** Cost in femto-dollars, NULL where nothing of it has a price. */
export const costOrNull = (calls: readonly Priced[]): bigint | null =>
  isNothingPriced(calls) ? null : usdOf(cost9Of(calls))

export const coverageOf = (
  charges: readonly Priced[],
): { readonly unpriced_calls: number; readonly priced_share: number | null } => {
  const unpriced = unpricedIn(charges)
  return { unpriced_calls: unpriced, priced_share: charges.length > 0 ? 1 - unpriced / charges.length : null }
}

type Amount = bigint | number | null

/** Quotient as a float; NULL where either side is missing or the divisor is not above 0. */
export const ratioOf = (dividend: Amount, divisor: Amount): number | null => {
  if (dividend === null || divisor === null || Number(divisor) <= 0) return null
  return Number(dividend) / Number(divisor)
}

/** One more step behind a figure that may be missing. */
export const mapFigure = <In, Out>(figure: In | null, to: (figure: In) => Out): Out | null =>
  figure === null ? null : to(figure)

/** The value at position floor(level × n) of the sorted values, from 0. */
export const percentileOf = <Value extends bigint | number>(values: readonly Value[], level: number): Value | null => {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted[Math.min(Math.floor(level * sorted.length), sorted.length - 1)] ?? null
}

export const medianOf = <Value extends bigint | number>(values: readonly Value[]): Value | null =>
  percentileOf(values, 0.5)

/** Sum of the dearest `percent` of them, rounded up to whole ones. */
export const dearestPart = (costs: readonly bigint[], percent: number): bigint =>
  dearest(costs, Math.ceil((costs.length * percent) / 100))

/** Sum of the `count` dearest. */
export const dearest = (costs: readonly bigint[], count: number): bigint =>
  sumOf(costs.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)).slice(0, count), (cost) => cost)
