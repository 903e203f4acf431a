/**
 * Keys that user ids are hashed with. A key takes effect at the start of a calendar month (UTC), for every process at the same
 * instant, so that nobody has two ids within a month, and no month counts anybody twice (decision 19).
 */
import { OutlayError } from '@outlay/core'
import type { UserKey } from './user-id.ts'

export interface DatedUserKey {
  readonly secret: UserKey
  /** Calendar month (UTC) from whose start on it is used, e.g. `2027-01`. The first key may leave it out: it has always been used. */
  readonly from?: string | undefined
}

export type UserKeys = UserKey | readonly DatedUserKey[]

interface EffectiveKey {
  readonly secret: UserKey
  /** Milliseconds since the epoch. */
  readonly fromMs: number
}

export interface KeysInForce {
  /** `undefined`: the first one takes effect only later. */
  readonly current: UserKey | undefined
  readonly next: EffectiveKey | undefined
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/

/** In order of effect. Fails with `E_USER_KEY` on an empty secret, a month of another form, or two keys of one month. */
export const parseUserKeys = (keys: UserKeys | undefined): readonly EffectiveKey[] => {
  const dated: readonly DatedUserKey[] =
    keys === undefined ? [] : typeof keys === 'string' || keys instanceof Uint8Array ? [{ secret: keys }] : keys
  const parsed = dated.map(({ secret, from }): EffectiveKey => {
    if (secret.length === 0) throw refuse('an empty secret')
    if (from === undefined) return { secret, fromMs: -Infinity }
    const [, year, month] = MONTH.exec(from) ?? []
    if (year === undefined) throw refuse('a month of another form')
    return { secret, fromMs: Date.UTC(Number(year), Number(month) - 1) }
  })
  const ordered = parsed.toSorted((one, other) => (one.fromMs < other.fromMs ? -1 : 1))
  if (new Set(ordered.map(({ fromMs }) => fromMs)).size < ordered.length) throw refuse('two keys of one month')
  return ordered
}

export const keysInForce = (keys: readonly EffectiveKey[], nowMs: number): KeysInForce => ({
  current: keys.findLast(({ fromMs }) => fromMs <= nowMs)?.secret,
  next: keys.find(({ fromMs }) => fromMs > nowMs),
})

const refuse = (got: string): OutlayError =>
  new OutlayError('E_USER_KEY', 'a key for user ids cannot be used', {
    got,
    want: "a secret, or [{ secret }, { secret, from: '2027-01' }] with each month once",
    fix: 'to rotate, add the new key with a month to come, and keep the old one until that month is over',
  })
