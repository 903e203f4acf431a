/** Values of options, checked: what was given, and what would be right. */
import { OutlayError } from '@outlay/core'
import { InvalidArgumentError } from 'commander'

const MS_PER_SECOND = 1_000

/** Unix seconds. A bare date is 00:00 UTC; an instant names its zone. Fails with `E_TIME`. */
export const parseInstant = (text: string, flag: string): number => {
  const milliseconds = Date.parse(text)
  if (!Number.isNaN(milliseconds) && /^\d{4}-\d{2}-\d{2}($|T.*(Z|[+-]\d{2}:\d{2})$)/.test(text))
    return milliseconds / MS_PER_SECOND
  throw new OutlayError('E_TIME', 'not a time', {
    where: flag,
    got: JSON.stringify(text),
    want: '2026-12-01 or 2026-12-01T08:00:00Z',
  })
}

/** `2026-11-21`. Fails with `E_TIME`. */
export const parseDay = (text: string, flag: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new OutlayError('E_TIME', 'not a date', { where: flag, got: JSON.stringify(text), want: '2026-11-21' })
}

/** Digits only. Fails with `E_NUMBER`. */
export const parseWholeNumber = (text: string, flag: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new OutlayError('E_NUMBER', 'not a whole number', {
    where: flag,
    got: JSON.stringify(text),
    want: 'digits only',
  })
}

const PORT_MAX = 65_535

/** For an option with bounds. */
export const parseWhole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`want a whole number from ${least} to ${most}.`)
    }
    return value
  }
export const parsePort = parseWhole(0, PORT_MAX)

/** For options that may be given several times. */
export const collectTexts = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
]
