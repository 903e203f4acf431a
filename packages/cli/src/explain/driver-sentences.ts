/** The largest drivers in words: `calls per task rose from 3.1 to 4.0: + $0.0123 per task`. */
import { displayUsd, parseUsd } from '@outlay/core'
import type { Driver, ModelShift } from './feature-drivers.ts'

const SENTENCES_MAX = 3
const DECIMALS_MAX = 6
const PERCENT = 100

/** `+ $0.0123`, `- $0.0123`: a change, with its sign also where it is a gain. */
export const signedUsd = (usd: string): string => {
  const femto = parseUsd(usd)
  return `${femto < 0n ? '-' : '+'} ${displayUsd(femto < 0n ? -femto : femto)}`
}

/** Two figures with as many decimals as it takes to tell them apart. */
const apart = (then: number, now: number, decimals: number): readonly [string, string] => {
  const text = (value: number): string =>
    new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value)
  const [from, to] = [text(then), text(now)]
  return from !== to || decimals >= DECIMALS_MAX ? [from, to] : apart(then, now, decimals + 1)
}

const movement = (what: string, { then, now }: { readonly then: number; readonly now: number }, unit = ''): string => {
  if (then === now) return `${what} stayed at ${apart(then, now, 1)[0]}${unit}`.trim()
  const [from, to] = apart(then, now, then >= PERCENT ? 0 : 1)
  return `${what} ${now > then ? 'rose' : 'fell'} from ${from}${unit} to ${to}${unit}`
}

/** The model whose share of the calls moved most says what a change of the mix was. */
const mixText = (shifts: readonly ModelShift[]): string => {
  const [largest] = shifts.toSorted((a, b) => Math.abs(b.now - b.then) - Math.abs(a.now - a.then))
  if (largest === undefined || largest.now === largest.then) return 'the mix of models changed'
  const { model, now, then } = largest
  const moved = movement(`the share of ${model} in the calls`, { then: then * PERCENT, now: now * PERCENT }, ' %')
  return `the mix of models changed, ${moved}`
}

const subjectOf = ({ driver, now, then }: Driver, shifts: readonly ModelShift[]): string => {
  if (driver === 'model mix') return mixText(shifts)
  if (driver === 'price') return 'the prices of the models changed'
  if (now === null || then === null) return `${driver} changed`
  if (driver === 'cache hit rate') return movement(driver, { then: then * PERCENT, now: now * PERCENT }, ' %')
  return movement(driver, { then, now })
}

/** At most three, largest effect first; drivers that changed nothing have no sentence. */
export const driverSentences = (drivers: readonly Driver[], shifts: readonly ModelShift[]): readonly string[] =>
  drivers
    .filter(({ effect_usd }) => effect_usd !== null && parseUsd(effect_usd) !== 0n)
    .slice(0, SENTENCES_MAX)
    .map((driver) => `${subjectOf(driver, shifts)}: ${signedUsd(driver.effect_usd ?? '0')} per task`)
