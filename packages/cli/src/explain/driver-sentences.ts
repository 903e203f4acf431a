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

const figureText = (value: number, decimals: number): string =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value)

/** Two figures with as many decimals as it takes to tell them apart. */
const apart = (before: number, now: number, decimals: number): readonly [string, string] => {
  const [from, to] = [figureText(before, decimals), figureText(now, decimals)]
  return from !== to || decimals >= DECIMALS_MAX ? [from, to] : apart(before, now, decimals + 1)
}

/** `what` rose, fell or stayed. */
const movement = (what: string, [from, to]: readonly [number, number], unit = ''): string => {
  if (from === to) return `${what} stayed at ${figureText(from, 1)}${unit}`
  const [before, after] = apart(from, to, from >= PERCENT ? 0 : 1)
  return `${what} ${to > from ? 'rose' : 'fell'} from ${before}${unit} to ${after}${unit}`
}

const percents = (from: number, to: number): readonly [number, number] => [from * PERCENT, to * PERCENT]

/** The model whose share of the calls moved most says what a change of the mix was. */
const mixText = (shifts: readonly ModelShift[]): string => {
  const moveOf = ({ share_now, share_then }: ModelShift): number => Math.abs(share_now - share_then)
  const [largest] = shifts.toSorted((a, b) => moveOf(b) - moveOf(a))
  if (largest === undefined || moveOf(largest) === 0) return 'the mix of models changed'
  const { model, share_now, share_then } = largest
  return `the mix of models changed, ${movement(`the share of ${model} in the calls`, percents(share_then, share_now), ' %')}`
}

const subjectOf = (
  { driver, measured_now: now, measured_then: before }: Driver,
  shifts: readonly ModelShift[],
): string => {
  if (driver === 'model mix') return mixText(shifts)
  if (driver === 'price') return 'the prices of the models changed'
  if (now === null || before === null) return `${driver} changed`
  if (driver === 'cache hit rate') return movement(driver, percents(before, now), ' %')
  return movement(driver, [before, now])
}

/** At most three, largest effect first; drivers that changed nothing have no sentence. */
export const driverSentences = (drivers: readonly Driver[], shifts: readonly ModelShift[]): readonly string[] =>
  drivers
    .filter(({ effect_usd }) => effect_usd !== null && parseUsd(effect_usd) !== 0n)
    .slice(0, SENTENCES_MAX)
    .map((driver) => `${subjectOf(driver, shifts)}: ${signedUsd(driver.effect_usd ?? '0')} per task`)
