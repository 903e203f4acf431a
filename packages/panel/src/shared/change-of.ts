/** The change of a headline figure against the window before. */
import { formatUsd, parseUsd } from '@outlay/core/money'
import type { Figure } from './answers.ts'

/** `relative`: change ÷ figure before. `points`: difference of two shares. */
export interface Change {
  readonly kind: 'relative' | 'points'
  readonly amount: number
}

/** Undefined where one of the two has no value, or the one before is 0. */
export const changeOf = (now: Figure, before: Figure): Change | undefined => {
  if (now.value === null || before.value === null) return undefined
  if (now.unit === 'share') return { kind: 'points', amount: Number(now.value) - Number(before.value) }
  const [is, was] = [parseUsd(String(now.value)), parseUsd(String(before.value))]
  // The difference is exact; only the ratio of the two is a float.
  return was === 0n ? undefined : { kind: 'relative', amount: Number(formatUsd(is - was)) / Number(formatUsd(was)) }
}
