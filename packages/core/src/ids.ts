import { hash, randomBytes } from 'node:crypto'

/** Random lower-case hex id of `bytes` bytes. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')

/**
 * Collision-safe digest of a list of parts: each part is length-prefixed, so `['ab','c']` and `['a','bc']` differ.
 * Returns the first `bytes` bytes of SHA-256.
 */
export const digestOf = (parts: readonly string[], bytes: number): Buffer => {
  let text = ''
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`
  return hash('sha256', text, 'buffer').subarray(0, bytes)
}

/** Unsigned 64-bit digest of a list of parts. */
export const digest64 = (parts: readonly string[]): bigint => digestOf(parts, 8).readBigUInt64LE()
