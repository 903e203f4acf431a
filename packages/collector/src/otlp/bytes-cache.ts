/**
 * What is known about byte strings that come back all the time, such as attribute keys. Fixed memory: a fixed number of
 * slots, each replaced by whatever falls on it, and nothing long is kept. A million distinct keys make it slow, not large.
 */
const SLOTS = 4_096
const BYTES_MAX = 128

interface Entry<T> {
  readonly bytes: Buffer
  readonly value: T
}

export class BytesCache<T> {
  readonly #derive: (text: string) => T
  readonly #slots: (Entry<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

  constructor(derive: (text: string) => T) {
    this.#derive = derive
  }

  /** The value derived from the UTF-8 text of `bytes[start, end)`. */
  get(bytes: Buffer, start: number, end: number): T {
    const slot = slotOf(bytes, start, end)
    const entry = this.#slots[slot]
    if (entry !== undefined && sameBytes(entry.bytes, bytes, start, end)) return entry.value
    const value = this.#derive(bytes.toString('utf8', start, end))
    if (end - start <= BYTES_MAX) {
      this.#slots[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), value }
    }
    return value
  }
}

const slotOf = (bytes: Buffer, start: number, end: number): number => {
  let mixed = end - start
  // Keys of one dialect differ at their ends: the last 16 bytes and the length tell them apart.
  for (let at = end - 1, stop = Math.max(start, end - 16); at >= stop; at -= 1) {
    mixed = (Math.imul(mixed, 31) + (bytes[at] as number)) | 0
  }
  return (mixed ^ (mixed >>> 15)) & (SLOTS - 1)
}

const sameBytes = (known: Buffer, bytes: Buffer, start: number, end: number): boolean => {
  if (known.length !== end - start) return false
  for (let at = 0; at < known.length; at += 1) if (known[at] !== bytes[start + at]) return false
  return true
}
