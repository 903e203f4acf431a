/**
 * What the app demands of every model call. One policy per process: calls are made all over an app,
 * and a rule that only some of them follow is no rule. Before `configureAttribution` the strict default holds.
 */
import { type Clock, OutlayError, systemClock } from '@outlay/core'
import { processWide } from '#src/process-wide.ts'
import { type CarrierKey, checkCarrierKeys } from '#src/propagation/carrier-keys.ts'
import { hashUserId, isUserHash } from './user-id.ts'
import { keysInForce, parseUserKeys, type UserKeys } from './user-keys.ts'

export type RequiredField =
  | 'tenant'
  | 'user'
  | 'feature'
  | 'workload'
  | 'task'
  | 'session'
  | 'turn'
  | 'tier'
  | 'route'
  | 'promptVersion'

/**
 * What to do with a call that lacks a required field:
 * `throw` refuses it before a request is sent; `quarantine` lets it through, and the ledger shows it as unattributed;
 * `warn` does the same and says so once per place in the code.
 */
export type OnMissing = 'throw' | 'quarantine' | 'warn'

export interface AttributionPolicy {
  /** Default: tenant, feature, workload. `user` is satisfied by `subject: 'account'` too. */
  readonly require: readonly RequiredField[]
  /** Default: `throw`. */
  readonly onMissing: OnMissing
  /**
   * Secret of the app for hashing user ids. The same key gives the same hash in every process. Several keys rotate: each takes
   * effect at the start of a month, e.g. `[{ secret: old }, { secret: new, from: '2027-01' }]`.
   */
  readonly userKey?: UserKeys | undefined
  /**
   * Tells OpenAI (`safety_identifier`, or `user` where there is no such field) and Anthropic (`metadata.user_id`) the hashed id of
   * the user, where the request says nothing of one. Only at their own hosts, and never a raw id. Default: false.
   */
  readonly sendUserToProviders: boolean
  /** Sends user ids as they are. Only for ids that are no personal data. */
  readonly unsafeRawUserIds: boolean
  /**
   * Keys that carriers of attribution are signed with: the first signs, all are accepted. With keys an unsigned carrier is
   * refused; without them none is signed, and attribution does not travel over HTTP. Default: none.
   */
  readonly carrierKeys: readonly CarrierKey[]
  /** Decides which of several user keys holds. Default: the system's. */
  readonly clock: Clock
}

const STRICT_POLICY: AttributionPolicy = {
  require: ['tenant', 'feature', 'workload'],
  onMissing: 'throw',
  unsafeRawUserIds: false,
  sendUserToProviders: false,
  carrierKeys: [],
  clock: systemClock,
}

const state = processWide('policy', () => ({ policy: STRICT_POLICY, userKeys: parseUserKeys(undefined) }))

export const currentPolicy = (): AttributionPolicy => state.policy

/**
 * Replaces the policy of this process; what is left out takes the strict default. `registerOutlay` calls it.
 * Call it yourself when you keep your own tracing set-up. Fails with `E_CARRIER_KEY` on unusable `carrierKeys`
 * and with `E_USER_KEY` on an unusable `userKey`.
 */
export const configureAttribution = (policy: Partial<AttributionPolicy>): void => {
  const given = Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined))
  checkCarrierKeys(policy.carrierKeys ?? [])
  state.userKeys = parseUserKeys(policy.userKey)
  state.policy = { ...STRICT_POLICY, ...given }
}

export interface HashedUser {
  readonly id: string
  /** The id from the start of a month to come on, where another key takes effect then. */
  readonly next?: NextUser
}

export interface NextUser {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly fromMs: number
}

/** Fails with `E_USER_KEY` when there is a user and no key: a raw id must not leave by accident. */
export const hashedUser = (user: string, atMs = state.policy.clock.now()): HashedUser => {
  if (state.policy.unsafeRawUserIds || isUserHash(user)) return { id: user }
  const { current, next } = keysInForce(state.userKeys, atMs)
  if (current === undefined) {
    throw new OutlayError('E_USER_KEY', 'a user id was given but there is no key to hash it with', {
      want: 'userKey: a secret of the app, the same in every process',
      fix: 'pass userKey to registerOutlay() or configureAttribution(), or subject: "account" instead of a user',
    })
  }
  const id = hashUserId(user, current)
  return next === undefined ? { id } : { id, next: { id: hashUserId(user, next.secret), fromMs: next.fromMs } }
}
