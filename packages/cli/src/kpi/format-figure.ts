/** One figure of a view for a person: by its unit, with the registry's words where there is none. */
import type { ViewColumn } from '@outlay/clickhouse'
import { displayUsd, divideHalfEven, formatDecimal, parseUsd } from '@outlay/core'

/** A value as a view answers it: money and 64-bit counts as exact text, NULL as null. */
export type Figure = string | number | boolean | null | readonly string[]
export type FigureColumn = Pick<ViewColumn, 'unit' | 'empty'>

const NO_VALUE = '–'
const PERCENT = 100
const FEMTO_DIGITS = 15
const AMOUNT_DIGITS = 4
const THOUSANDS = /\B(?=(\d{3})+$)/g

const grouped = (number: number, decimals: number): string =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(number)

/** A count with separators, exact at any size; without its fraction where it has one. */
const countText = (value: string): string => {
  if (!/^-?\d+$/.test(value)) return grouped(Number(value), 0)
  const [sign, digits] = value.startsWith('-') ? ['-', value.slice(1)] : ['', value]
  return `${sign}${digits.replaceAll(THOUSANDS, ',')}`
}

/** Two decimals from one up, four below, and at least two digits that count. */
const decimalsFor = (magnitude: number): number => {
  if (magnitude >= 1 || magnitude === 0) return 2
  return Math.max(4, 1 - Math.floor(Math.log10(magnitude)))
}

/** Below it digits would be a row of zeros. */
const TINY = 1e-6

const factorText = (value: number): string => {
  const magnitude = Math.abs(value)
  return magnitude > 0 && magnitude < TINY ? value.toExponential(1) : grouped(value, decimalsFor(magnitude))
}

/** Never `100.0 %` of something that is not all of it, nor `0.0 %` of something that is not nothing. */
export const percentText = (share: number): string => {
  const percent = share * PERCENT
  const magnitude = Math.abs(percent)
  if (share < 1 && share > 0.9995) return '> 99.9 %'
  if (magnitude >= 1 || magnitude === 0) return `${grouped(percent, 1)} %`
  if (magnitude < TINY) return `${percent.toExponential(1)} %`
  return `${grouped(percent, Math.max(2, 1 - Math.floor(Math.log10(magnitude))))} %`
}

/** An amount without its currency; rates are amounts, too, so four decimals always. */
const amountText = (value: string): string => {
  const femto = parseUsd(value)
  if (femto !== 0n && femto < 10n ** BigInt(FEMTO_DIGITS) && femto > -(10n ** BigInt(FEMTO_DIGITS))) {
    return displayUsd(femto).replace('$', '')
  }
  const rounded = divideHalfEven(femto, 10n ** BigInt(FEMTO_DIGITS - AMOUNT_DIGITS))
  const [whole = '', fraction = ''] = formatDecimal(rounded, AMOUNT_DIGITS).split('.')
  return `${countText(whole)}.${fraction.padEnd(AMOUNT_DIGITS, '0')}`
}

/** What a terminal would obey instead of showing. */
const visible = (text: string): string =>
  text.replaceAll(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })

const FORMATS: Readonly<Record<FigureColumn['unit'], (value: string) => string>> = {
  text: visible,
  verdict: visible,
  date: visible,
  time: visible,
  count: countText,
  tokens: countText,
  usd: (value) => displayUsd(parseUsd(value)),
  money: amountText,
  share: (value) => percentText(Number(value)),
  ratio: (value) => percentText(Number(value)),
  factor: (value) => factorText(Number(value)),
  seconds: (value) => `${factorText(Number(value))} s`,
  flag: (value) => (Number(value) === 0 ? 'no' : 'yes'),
}

const TEXT_UNITS: ReadonlySet<FigureColumn['unit']> = new Set(['text', 'verdict', 'date', 'time'])

/** Whether figures of a unit stand under each other by their last digit. */
export const isNumeric = ({ unit }: Pick<FigureColumn, 'unit'>): boolean => !TEXT_UNITS.has(unit)

export const formatFigure = (value: Figure, { unit, empty }: FigureColumn): string => {
  if (value === null) return empty ?? NO_VALUE
  return Array.isArray(value) ? value.map(visible).join(', ') : FORMATS[unit](String(value))
}
