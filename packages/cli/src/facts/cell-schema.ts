/** Cells → values of a table: one schema per kind of column. What is refused says what it got, wants and how to mend it. */
import { limits, parseDecimal } from '@outlay/core'
import { z } from 'zod'
import { shown } from './fact-problem.ts'
import { EMPTY, type FactCell } from './fact-sheet.ts'

export interface Refusal {
  readonly what: string
  readonly got?: string
  readonly want?: string
  readonly fix?: string
}

/** The outcome of reading one cell that is not empty. */
export type ReadValue<Value> = { readonly value: Value } | { readonly refused: Refusal }

export type ReadCell<Value> = (cell: Exclude<FactCell, { kind: 'empty' }>) => ReadValue<Value>

export interface FactColumn<Value> {
  readonly schema: z.ZodType<Value>
  /** The column must be there. */
  readonly required: boolean
}

const columnOf = <Value>(
  read: ReadCell<Value>,
  required: boolean,
  ifEmpty: () => ReadValue<Value>,
): FactColumn<Value> => ({
  required,
  schema: z
    .custom<FactCell>()
    .default(EMPTY)
    .transform((cell, context) => {
      const outcome = cell.kind === 'empty' ? ifEmpty() : read(cell)
      if ('value' in outcome) return outcome.value
      context.addIssue({ code: 'custom', message: outcome.refused.what, params: { ...outcome.refused } })
      return z.NEVER
    }),
})

export const required = <Value>(read: ReadCell<Value>): FactColumn<Value> =>
  columnOf(read, true, () => ({ refused: { what: 'the value is missing', fix: 'every row needs one' } }))

/** Without the column, or with an empty cell, `fallback` holds. */
export const optional = <Value>(read: ReadCell<Value>, fallback: Value): FactColumn<Value> =>
  columnOf(read, false, () => ({ value: fallback }))

export const orNull = <Value>(read: ReadCell<Value>): FactColumn<Value | null> =>
  columnOf<Value | null>(read, false, () => ({ value: null }))

export const refuse = (what: string, rest: Omit<Refusal, 'what'> = {}): { readonly refused: Refusal } => ({
  refused: { what, ...rest },
})

const describe = (cell: Exclude<FactCell, { kind: 'empty' }>): string =>
  cell.kind === 'other' ? cell.what : shown(cell.text)

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')

// A cell with a line break or a NUL is a broken export, never a name.
const hasControlCharacter = (text: string): boolean => /\p{Cc}/u.test(text)

interface TextRules {
  readonly bytesMax: number
  /** False for columns that may name a person. */
  readonly isShown: boolean
}

const textOf =
  ({ bytesMax, isShown }: TextRules): ReadCell<string> =>
  (cell) => {
    const got = isShown ? describe(cell) : `${cell.kind === 'other' ? cell.what : 'a value'}, not shown`
    if (cell.kind !== 'text') return refuse('not a text', { got, want: 'text; in JSON in quotes' })
    const { text } = cell
    if (text !== text.trim()) return refuse('blanks around the text', { got, want: 'the text alone' })
    if (hasControlCharacter(text)) return refuse('a control character in the text', { got })
    if (bytesOf(text) > bytesMax) {
      return refuse('the text is too long', { got: `${bytesOf(text)} bytes`, want: `at most ${bytesMax}` })
    }
    return { value: text }
  }

/** Id of a tenant, tier, feature: as the telemetry spells it. */
export const idText = textOf({ bytesMax: limits.factIdBytesMax, isShown: true })
export const freeText = textOf({ bytesMax: limits.factTextBytesMax, isShown: true })
export const privateText = textOf({ bytesMax: limits.factTextBytesMax, isShown: false })

/** Id in the canonical spelling, such as a provider. */
export const lowerCaseId: ReadCell<string> = (cell) => {
  const read = idText(cell)
  if ('value' in read && read.value !== read.value.toLowerCase()) {
    return refuse('not in lower case', { got: describe(cell), want: shown(read.value.toLowerCase()) })
  }
  return read
}

const USER_HASH = /^h_[A-Za-z0-9_-]{1,126}$/

/** Keyed hash of a user. What was given is never repeated: it may be an address. */
export const userHash: ReadCell<string> = (cell) => {
  if (cell.kind === 'text' && USER_HASH.test(cell.text)) return { value: cell.text }
  const want = 'the keyed hash as on the spans, h_…'
  if (cell.kind === 'text' && cell.text.includes('@')) {
    return refuse('an address instead of a keyed hash', {
      got: 'a text with "@", not shown',
      want,
      fix: 'hash the id with the key of your application: the table that links hashes to people never reaches the warehouse',
    })
  }
  return refuse('not a keyed hash of a user', { got: 'a value, not shown', want })
}

export const oneOf =
  <const Word extends string>(words: readonly Word[], fix?: string): ReadCell<Word> =>
  (cell) => {
    const word = words.find((known) => cell.kind === 'text' && cell.text === known)
    if (word !== undefined) return { value: word }
    return refuse('not one of the known words', {
      got: describe(cell),
      want: words.join(', '),
      ...(fix === undefined ? {} : { fix }),
    })
  }

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

/** ISO 4217. */
export const currencyCode: ReadCell<string> = (cell) =>
  cell.kind === 'text' && CURRENCIES.has(cell.text)
    ? { value: cell.text }
    : refuse('not a currency', { got: describe(cell), want: 'an ISO 4217 code in capitals, such as USD' })

interface DecimalRules {
  /** Places behind the point that the column keeps. */
  readonly scale: number
  /** Digits in all that the column keeps. */
  readonly precision: number
  readonly sign: 'any' | 'notNegative' | 'positive'
}

const SIGN_WORDS = { any: '', notNegative: ' from 0 up', positive: ' above 0' } as const

/** An exact decimal as an integer of 10⁻ˢᶜᵃˡᵉ. */
const exactDecimal =
  ({ scale, precision, sign }: DecimalRules): ReadCell<bigint> =>
  (cell) => {
    const got = describe(cell)
    const want = `a plain decimal${SIGN_WORDS[sign]}, at most ${precision - scale} digits before and ${scale} behind the point, such as 12.50`
    if (cell.kind === 'number' && !cell.exact) {
      return refuse('a binary float is not exact', { got, want, fix: 'store the column as DECIMAL or as text' })
    }
    const units = cell.kind === 'other' ? undefined : unitsOf(cell.text, scale)
    const isInRange = units !== undefined && (sign === 'any' || units > 0n || (sign === 'notNegative' && units === 0n))
    if (units === undefined || !isInRange || magnitudeOf(units) >= 10n ** BigInt(precision)) {
      return refuse('not an amount that can be kept exactly', { got, want })
    }
    return { value: units }
  }

const magnitudeOf = (units: bigint): bigint => (units < 0n ? -units : units)

const unitsOf = (text: string, scale: number): bigint | undefined => {
  try {
    return parseDecimal(text, scale)
  } catch {
    return undefined
  }
}

const MONEY = { scale: 15, precision: 38 } as const
/** Femto-units of a currency. */
export const money = exactDecimal({ ...MONEY, sign: 'any' })
export const moneyFromZero = exactDecimal({ ...MONEY, sign: 'notNegative' })
export const moneyAboveZero = exactDecimal({ ...MONEY, sign: 'positive' })
/** Units of 10⁻⁹. */
export const rateAboveZero = exactDecimal({ scale: 9, precision: 18, sign: 'positive' })

/** Whole numbers. A float is taken where it is whole: tools write a column with gaps as floats. */
const wholeText = (cell: Exclude<FactCell, { kind: 'empty' }>): string | undefined => {
  if (cell.kind === 'other' || !/^\d{1,20}$/.test(cell.text)) return undefined
  return cell.kind === 'number' && !cell.exact && !Number.isSafeInteger(Number(cell.text)) ? undefined : cell.text
}

const UINT32_MAX = 2 ** 32 - 1
const UINT64_MAX = 2n ** 64n - 1n

/** From 0 to 4,294,967,295. */
export const count: ReadCell<number> = (cell) => {
  const value = Number(wholeText(cell) ?? Number.NaN)
  if (value <= UINT32_MAX) return { value }
  return refuse('not a count', { got: describe(cell), want: `a whole number from 0 to ${UINT32_MAX}` })
}

/** Tokens of a cap or pool: from 1 up. Nothing can be a share of 0. */
export const tokenCount: ReadCell<bigint> = (cell) => {
  const value = BigInt(wholeText(cell) ?? 0)
  if (value > 0n && value <= UINT64_MAX) return { value }
  return refuse('not a number of tokens', { got: describe(cell), want: `a whole number from 1 to ${UINT64_MAX}` })
}

const FLOAT = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/** A finite number; a ratio or a score, never money. */
export const double =
  (want: string, isValid: (value: number) => boolean = () => true): ReadCell<number> =>
  (cell) => {
    const value = cell.kind !== 'other' && FLOAT.test(cell.text) ? Number(cell.text) : Number.NaN
    return Number.isFinite(value) && isValid(value)
      ? { value }
      : refuse('not such a number', { got: describe(cell), want })
  }
