/** User ids are stored only as keyed hashes: HMAC-SHA-256 in hex behind `h_`, the form that our instrumentation sends. */
import { createHmac } from 'node:crypto'

const HASHED = /^h_[0-9a-f]{64}$/

/** A name that merely begins like a hash is none. */
export const isHashedUserId = (text: string): boolean => HASHED.test(text)

export const hashUserId = (text: string, key: string | Uint8Array): string =>
  `h_${createHmac('sha256', key).update(text.normalize('NFC')).digest('hex')}`
