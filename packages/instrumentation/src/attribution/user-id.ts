import { createHmac } from 'node:crypto'

/** Text or bytes; text is taken as UTF-8. */
export type UserKey = string | Uint8Array

const HASH = /^h_[0-9a-f]{64}$/

/**
 * The id under which a person appears in the ledger: `h_` and HMAC-SHA-256 in hex.
 * Use it to find one person's rows, e.g. for a request for erasure.
 */
export const hashUserId = (userId: string, key: UserKey): string =>
  `h_${createHmac('sha256', key).update(userId.normalize('NFC')).digest('hex')}`

/** Ids that were hashed before are not hashed again. */
export const isUserHash = (userId: string): boolean => HASH.test(userId)
