import { createHash, randomBytes } from 'node:crypto'

/** Random lower-case hex id of `bytes` bytes. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')

/**
 * Collision-safe digest of a list of parts: each part is length-prefixed, so `['ab','c']` and `['a','bc']` differ.
 * Returns the first `bytes` bytes of SHA-256.
 */
export const digestOf = (parts: readonly string[], bytes: number): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest().subarray(0, bytes)
}

/** Unsigned 64-bit digest of a list of parts. */
export const digest64 = (parts: readonly string[]): bigint => digestOf(parts, 8).readBigUInt64LE()
