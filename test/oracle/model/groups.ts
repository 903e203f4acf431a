/** Calls by task, session, user and subject. */
import { sumOf } from './money.ts'
import type { PricedCall } from './oracle-ledger.ts'
import { isoDay } from './windows.ts'

type KeyOf = (call: PricedCall) => string

export const taskOf: KeyOf = ({ row }) => `${row.tenant}\u0000${row.task}`
export const sessionOf: KeyOf = ({ row }) => `${row.tenant}\u0000${row.session}`
export const userOf: KeyOf = ({ row }) => `${row.tenant}\u0000${row.user}`
const turnOf: KeyOf = ({ row }) => `${row.tenant}\u0000${row.task}\u0000${row.turn}`

/** Tasks, sessions, users: what has a call. Parts alone make none, as where the model of a call is filtered away. */
export const groupsOf = (calls: readonly PricedCall[], keyOf: KeyOf): ReadonlyMap<string, readonly PricedCall[]> =>
  new Map([...Map.groupBy(calls, keyOf)].filter(([, group]) => group.some(({ counts }) => counts > 0)))

/** Rows of a key: all that stands under it, so that the rows add up to the whole; a model may have parts alone. */
export const rowsBy = (calls: readonly PricedCall[], keyOf: KeyOf): ReadonlyMap<string, readonly PricedCall[]> =>
  Map.groupBy(calls, keyOf)

export const distinct = (calls: readonly PricedCall[], keyOf: KeyOf): number => groupsOf(calls, keyOf).size

export const turnsIn = (calls: readonly PricedCall[]): number => distinct(calls, turnOf)

/** Without an unpriced call and without an unpriced part of one. */
export const isComplete = (calls: readonly PricedCall[]): boolean => calls.every(({ unpriced }) => !unpriced)

export const completeGroups = (calls: readonly PricedCall[], keyOf: KeyOf): readonly (readonly PricedCall[])[] =>
  [...groupsOf(calls, keyOf).values()].filter(isComplete)

/** Cost of each complete group. */
export const completeCosts = (calls: readonly PricedCall[], keyOf: KeyOf): readonly bigint[] =>
  completeGroups(calls, keyOf).map((group) => sumOf(group, ({ cost9 }) => cost9))

/** Calls whose user is known. */
export const ofUsers = (calls: readonly PricedCall[]): readonly PricedCall[] =>
  calls.filter(({ row }) => row.user !== '')

/** Calls that no single user made. */
export const ofAccounts = (calls: readonly PricedCall[]): readonly PricedCall[] =>
  calls.filter(({ row }) => row.user === '')

/** Tier on the latest UTC day with a charge; of several on that day the last in the alphabet. */
export const latestTierOf = (calls: readonly PricedCall[]): string => {
  const days = calls.map(({ slot, row }) => `${isoDay(slot)} ${row.tier}`)
  return days.toSorted().at(-1)?.slice('YYYY-MM-DD '.length) ?? ''
}
