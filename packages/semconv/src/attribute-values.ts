/** Untrusted attribute and JSON values → counts, texts, booleans and decimals (spec: counters §7). */
import type { Attributes } from './evidence.ts'

const DIGITS = /^\d{1,16}$/

/**
 * A token count, however it was spelled: integer, bigint, or decimal digits in a string. `undefined` = not given.
 * `'bad'` = given but unusable: negative, fractional, NaN, infinite, boolean, above 2⁵³−1, or no number at all.
 */
export const parseCount = (value: unknown): number | 'bad' | undefined => {
  // `+ 0` turns −0 into 0.
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value + 0 : 'bad'
  // Integers beyond 2⁵³−1 round to unsafe numbers.
  if (typeof value === 'bigint') return parseCount(Number(value))
  if (typeof value === 'string') return parseDigits(value.trim())
  return value === undefined || value === null ? undefined : 'bad'
}

const parseDigits = (text: string): number | 'bad' => {
  const count = DIGITS.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(count) ? count : 'bad'
}

/** The text of a scalar; empty when absent. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : ''
}

/** First non-empty text among `keys`. */
export const firstText = (attributes: Attributes, keys: readonly string[]): string => {
  for (const key of keys) {
    const text = textOf(attributes[key])
    if (text !== '') return text
  }
  return ''
}

/** True for `true`, `"true"` and `1`. */
export const isTrue = (value: unknown): boolean =>
  value === true || value === 1 || value === 1n || (typeof value === 'string' && value.toLowerCase() === 'true')

const PLAIN_DECIMAL = /^\d{1,18}(?:\.\d{1,18})?$/
const SCIENTIFIC = /^(\d)(?:\.(\d+))?e-(\d{1,3})$/

/** A non-negative amount as plain decimal text, without exponent; empty when absent or unusable. */
export const decimalText = (value: unknown): string => {
  const text = textOf(value).trim()
  if (text === '' || typeof value === 'boolean') return ''
  if (PLAIN_DECIMAL.test(text)) return text
  const parts = SCIENTIFIC.exec(text.toLowerCase())
  if (!parts) return ''
  return `0.${'0'.repeat(Number(parts[3]) - 1)}${parts[1]}${parts[2] ?? ''}`
}
