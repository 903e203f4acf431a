/**
 * What is known about byte strings that come back all the time, such as attribute keys. Fixed memory: a fixed number of
 * slots, a string may lie in either of two, and nothing long is kept. A million distinct keys make it slow, not large.
 */
const SLOTS = 4_096
const BYTES_MAX = 128

interface Entry<T> {
  readonly bytes: Buffer
  readonly value: T
  /** A slot number and not an entry: a chain of entries would keep alive what was replaced long ago. */
  nextSlot: number
}

export class BytesCache<T> {
  readonly #derive: (text: string) => T
  readonly #slots: (Entry<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined)
  #lastSlot = 0

  constructor(derive: (text: string) => T) {
    this.#derive = derive
  }

  /** The value derived from the UTF-8 text of `bytes[start, end)`. */
  get(bytes: Buffer, start: number, end: number): T {
    // Spans of one emitter repeat their keys in order: what followed the last key then most likely follows it now.
    const last = this.#slots[this.#lastSlot]
    const predictedSlot = last === undefined ? 0 : last.nextSlot
    const predicted = this.#slots[predictedSlot]
    if (predicted !== undefined && sameBytes(predicted.bytes, bytes, start, end)) {
      this.#lastSlot = predictedSlot
      return predicted.value
    }
    const slot = this.#slotFor(bytes, start, end)
    if (last !== undefined) last.nextSlot = slot
    this.#lastSlot = slot
    const entry = this.#slots[slot]
    if (entry !== undefined && sameBytes(entry.bytes, bytes, start, end)) return entry.value
    const value = this.#derive(bytes.toString('utf8', start, end))
    if (end - start <= BYTES_MAX) {
      this.#slots[slot] = { bytes: copyOf(bytes, start, end), value, nextSlot: slot }
    }
    return value
  }

  /** Where the string lies, or where it may lie: two strings of one hash must not drive each other out for ever. */
  #slotFor(bytes: Buffer, start: number, end: number): number {
    const first = slotOf(bytes, start, end)
    const entry = this.#slots[first]
    if (entry === undefined || sameBytes(entry.bytes, bytes, start, end)) return first
    const second = first ^ 1
    const other = this.#slots[second]
    return other === undefined || sameBytes(other.bytes, bytes, start, end) ? second : first
  }
}

/** In memory of its own: a copy from Node's pool would keep alive the whole pool, 64 KiB for a name of ten bytes. */
const copyOf = (bytes: Buffer, start: number, end: number): Buffer => {
  const copy = Buffer.allocUnsafeSlow(end - start)
  bytes.copy(copy, 0, start, end)
  return copy
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
  // From the end, where keys of one family differ.
  for (let at = known.length - 1; at >= 0; at -= 1) if (known[at] !== bytes[start + at]) return false
  return true
}
