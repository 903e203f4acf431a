/**
 * What is known about byte strings that come back all the time, such as attribute keys. Fixed memory: a fixed number of
 * slots, a string may lie in either of two, and nothing long is kept. A million distinct keys make it slow, not large.
 */
const SLOTS = 4_096
const BYTES_MAX = 128

interface Entry<T> {
  readonly bytes: Buffer
  readonly view: DataView
  readonly value: T
  /** A slot number and not an entry: a chain of entries would keep alive what was replaced long ago. */
  nextSlot: number
}

export class BytesCache<T> {
  readonly #derive: (text: string) => T
  readonly #slots: (Entry<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined)
  #lastSlot = 0
  /** Of the bytes that were asked about last. */
  #bytes: Buffer = Buffer.alloc(0)
  #view = viewOf(this.#bytes)

  constructor(derive: (text: string) => T) {
    this.#derive = derive
  }

  /** The value derived from the UTF-8 text of `bytes[start, end)`. */
  get(bytes: Buffer, start: number, end: number): T {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#view = viewOf(bytes)
    }
    // Spans of one emitter repeat their keys in order: what followed the last key then most likely follows it now.
    const last = this.#slots[this.#lastSlot]
    const predictedSlot = last === undefined ? 0 : last.nextSlot
    const predicted = this.#slots[predictedSlot]
    if (predicted !== undefined && sameBytes(predicted, this.#view, start, end)) {
      this.#lastSlot = predictedSlot
      return predicted.value
    }
    const slot = this.#slotFor(bytes, start, end)
    if (last !== undefined) last.nextSlot = slot
    this.#lastSlot = slot
    const entry = this.#slots[slot]
    if (entry !== undefined && sameBytes(entry, this.#view, start, end)) return entry.value
    const value = this.#derive(bytes.toString('utf8', start, end))
    if (end - start <= BYTES_MAX) {
      const copy = copyOf(bytes, start, end)
      this.#slots[slot] = { bytes: copy, view: viewOf(copy), value, nextSlot: slot }
    }
    return value
  }

  /** Where the string lies, or where it may lie: two strings of one hash must not drive each other out for ever. */
  #slotFor(bytes: Buffer, start: number, end: number): number {
    const first = slotOf(bytes, start, end)
    const entry = this.#slots[first]
    if (entry === undefined || sameBytes(entry, this.#view, start, end)) return first
    const second = first ^ 1
    const other = this.#slots[second]
    return other === undefined || sameBytes(other, this.#view, start, end) ? second : first
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

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength)

const WORD_BYTES = 4

/** By four bytes at a time, from the end, where keys of one family differ; the first word may overlap the second. */
const sameBytes = (known: Entry<unknown>, view: DataView, start: number, end: number): boolean => {
  const { bytes, view: words } = known
  const { length } = bytes
  if (length !== end - start) return false
  if (length < WORD_BYTES) {
    for (let at = 0; at < length; at += 1) if (words.getUint8(at) !== view.getUint8(start + at)) return false
    return true
  }
  for (let at = length - WORD_BYTES; at > 0; at -= WORD_BYTES) {
    if (words.getInt32(at, true) !== view.getInt32(start + at, true)) return false
  }
  return words.getInt32(0, true) === view.getInt32(start, true)
}
