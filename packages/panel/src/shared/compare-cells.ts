/** The order of two cells of a column: money and 64-bit counts as the integers they are, NULL always last. */
import { parseUsd } from '@outlay/core/money'
import type { Cell, Unit } from './answers.ts'

export type Direction = 'ascending' | 'descending'

type Value = string | number

const EXACT: ReadonlySet<Unit> = new Set(['usd', 'amount'])

const rankOf = (unit: Unit, value: Value): bigint | number | string => {
  if (typeof value === 'number') return value
  if (EXACT.has(unit)) return parseUsd(value)
  return unit === 'count' || unit === 'tokens' ? BigInt(value) : value
}

const compareValues = (unit: Unit, a: Value, b: Value): number => {
  const [left, right] = [rankOf(unit, a), rankOf(unit, b)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

export const compareCells = (unit: Unit, a: Cell, b: Cell, direction: Direction): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return direction === 'ascending' ? compareValues(unit, a, b) : compareValues(unit, b, a)
}
