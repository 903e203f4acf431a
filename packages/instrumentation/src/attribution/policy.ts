/**
 * What the app demands of every model call. One policy per process: calls are made all over an app,
 * and a rule that only some of them follow is no rule. Before `configureAttribution` the strict default holds.
 */
import { OutlayError } from '@outlay/core'
import { type CarrierKey, checkCarrierKeys } from '#src/propagation/carrier-keys.ts'
import { hashUserId, isUserHash, type UserKey } from './user-id.ts'

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
  /** Secret of the app for hashing user ids. The same key gives the same hash in every process. */
  readonly userKey?: UserKey | undefined
  /** Sends user ids as they are. Only for ids that are no personal data. */
  readonly unsafeRawUserIds: boolean
  /**
   * Keys that carriers of attribution are signed with: the first signs, all are accepted. With keys an unsigned carrier is
   * refused; without them none is signed, and attribution does not travel over HTTP. Default: none.
   */
  readonly carrierKeys: readonly CarrierKey[]
}

const STRICT_POLICY: AttributionPolicy = {
  require: ['tenant', 'feature', 'workload'],
  onMissing: 'throw',
  unsafeRawUserIds: false,
  carrierKeys: [],
}

let active = STRICT_POLICY

export const currentPolicy = (): AttributionPolicy => active

/**
 * Replaces the policy of this process; what is left out takes the strict default. `registerOutlay` calls it.
 * Call it yourself when you keep your own tracing set-up. Fails with `E_CARRIER_KEY` on unusable `carrierKeys`.
 */
export const configureAttribution = (policy: Partial<AttributionPolicy>): void => {
  const given = Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined))
  checkCarrierKeys(policy.carrierKeys ?? [])
  active = { ...STRICT_POLICY, ...given }
}

/** Fails with `E_USER_KEY` when there is a user and no key: a raw id must not leave by accident. */
export const hashedUser = (user: string, { userKey, unsafeRawUserIds }: AttributionPolicy): string => {
  if (unsafeRawUserIds || isUserHash(user)) return user
  if (userKey === undefined || userKey.length === 0) {
    throw new OutlayError('E_USER_KEY', 'a user id was given but there is no key to hash it with', {
      want: 'userKey: a secret of the app, the same in every process',
      fix: 'pass userKey to registerOutlay() or configureAttribution(), or subject: "account" instead of a user',
    })
  }
  return hashUserId(user, userKey)
}
