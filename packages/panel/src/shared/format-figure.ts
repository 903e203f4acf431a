/** Figures as a person reads them, the same words on every page. Money never passes through a float. */
import { displayUsd, parseUsd } from '@outlay/core/money'
import type { Cell, Unit } from './answers.ts'
import type { Change } from './change-of.ts'

const PERCENT = 100
const GROUPS = /\B(?=(\d{3})+$)/g

const grouped = (digits: string): string => digits.replace(GROUPS, ',')

/** 64-bit counts arrive as text; a count is never shortened. */
const displayCount = (value: string | number): string => {
  const text = typeof value === 'number' ? String(Math.round(value)) : value
  return text.startsWith('-') ? `-${grouped(text.slice(1))}` : grouped(text)
}

export const displayShare = (share: number): string => `${(share * PERCENT).toFixed(1)} %`

const displayRatio = (value: number): string => (Math.abs(value) >= 1_000 ? displayCount(value) : value.toFixed(2))

const displaySeconds = (seconds: number): string =>
  seconds < 120
    ? `${seconds.toFixed(1)} s`
    : seconds < 7_200
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3_600).toFixed(1)} h`

/** Decimal text as it is, with groups in front of the point. */
const displayAmount = (text: string): string => {
  const [whole = '0', fraction] = text.split('.')
  const shown = whole.startsWith('-') ? `-${grouped(whole.slice(1))}` : grouped(whole)
  return fraction === undefined ? shown : `${shown}.${fraction}`
}

const DISPLAY: Readonly<Record<Unit, (value: string | number) => string>> = {
  usd: (value) => displayUsd(parseUsd(String(value))),
  amount: (value) => displayAmount(String(value)),
  share: (value) => displayShare(Number(value)),
  ratio: (value) => displayRatio(Number(value)),
  count: displayCount,
  tokens: displayCount,
  seconds: (value) => displaySeconds(Number(value)),
  verdict: String,
  date: String,
  instant: (value) => `${String(value).slice(0, 16)} UTC`,
  flag: (value) => (Number(value) === 0 ? 'no' : 'yes'),
  text: String,
}

/** A figure in words. NULL has a reason instead of a value: the caller shows that. */
export const displayFigure = (unit: Unit, value: Exclude<Cell, null>): string => DISPLAY[unit](value)

const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text.replace('-', '−'))

/** The change of a figure: percent of it, or points where it is a share itself. */
export const displayChange = ({ kind, amount }: Change): string =>
  signed(`${(amount * PERCENT).toFixed(1)} ${kind === 'relative' ? '%' : 'points'}`, amount)
