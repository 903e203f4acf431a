/** Dates, months and instants of facts. All of them UTC. */
import { type ReadCell, refuse, type ReadValue } from './cell-schema.ts'
import type { FactCell } from './fact-sheet.ts'
import { shown } from './fact-problem.ts'

const MS_PER_DAY = 86_400_000
const MS_PER_SECOND = 1_000
/** `Date` and `DateTime` of the database: UInt16 days, UInt32 seconds. */
const DAYS_MAX = 2 ** 16 - 1
const SECONDS_MAX = 2 ** 32 - 1

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:Z|\+00:00))?$/

type GivenCell = Exclude<FactCell, { kind: 'empty' }>

const gotOf = (cell: GivenCell): string => (cell.kind === 'other' ? cell.what : shown(cell.text))

/** Whole seconds since the epoch of a date (00:00 UTC) or an instant; `undefined` for anything else, 30 February included. */
const secondsOf = (cell: GivenCell): number | undefined => {
  const match = cell.kind === 'text' ? INSTANT.exec(cell.text) : null
  if (match === null) return undefined
  const [, day = '', minute = '00:00', second = '00', fraction = ''] = match
  const ms = Date.parse(`${day}T${minute}:${second}Z`)
  // The calendar takes 31 February for 3 March, and 24:00 for the day after.
  const isReal = !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day
  return isReal && /^0*$/.test(fraction) ? ms / MS_PER_SECOND : undefined
}

/** Seconds since the epoch. A bare date is 00:00 UTC. */
export const instant: ReadCell<number> = (cell) => {
  const seconds = secondsOf(cell)
  if (seconds !== undefined && seconds >= 0 && seconds <= SECONDS_MAX) return { value: seconds }
  return refuse('not a time', {
    got: gotOf(cell),
    want: 'ISO 8601 in UTC to the second, from 1970 to 2105: 2026-11-01T08:30:00Z, or 2026-11-01 for its midnight',
  })
}

const dayOf = (cell: GivenCell): number | undefined => {
  const seconds = secondsOf(cell)
  const days = seconds === undefined ? undefined : (seconds * MS_PER_SECOND) / MS_PER_DAY
  return days !== undefined && Number.isInteger(days) && days >= 0 && days <= DAYS_MAX ? days : undefined
}

/** Days since the epoch. */
export const day: ReadCell<number> = (cell) => {
  const value = dayOf(cell)
  return value === undefined
    ? refuse('not a date', { got: gotOf(cell), want: 'YYYY-MM-DD, such as 2026-11-21' })
    : { value }
}

const MONTH = /^\d{4}-\d{2}$/

/** `2026-11`: a month without a day. */
export const isMonthText = (cell: FactCell): boolean => cell.kind === 'text' && MONTH.test(cell.text)

/** Days since the epoch; of a bare month its first day. */
export const dayOrMonth: ReadCell<number> = (cell) => (isMonthText(cell) ? month(cell) : day(cell))

const firstDayOfMonth = (cell: GivenCell): number | undefined => {
  const value = dayOf(cell.kind === 'text' && isMonthText(cell) ? { kind: 'text', text: `${cell.text}-01` } : cell)
  return value !== undefined && new Date(value * MS_PER_DAY).getUTCDate() === 1 ? value : undefined
}

/** Days since the epoch of the first day of a month. */
export const month: ReadCell<number> = (cell): ReadValue<number> => {
  const value = firstDayOfMonth(cell)
  if (value !== undefined) return { value }
  return refuse('not a month', { got: gotOf(cell), want: 'YYYY-MM, or its first day YYYY-MM-01' })
}
