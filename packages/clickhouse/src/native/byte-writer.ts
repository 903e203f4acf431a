/** Growable little-endian bytes. Every value of every row passes through here, so nothing in it allocates. */
const INITIAL_BYTES = 4096
const UTF8_BYTES_PER_CHAR_MAX = 3
const ONE_BYTE_LENGTH_MAX = 0x7f
/** From here on Node's encoder is faster than a loop over characters. */
const LOOPED_CHARS_MAX = 40
const ASCII_MAX = 0x7f
const TWO_TO_32 = 0x1_0000_0000
const NOT_HEX = 0xff
const HEX_DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(digit) ? NOT_HEX : digit
})

export class ByteWriter {
  #buffer: Buffer
  #view: DataView
  #length = 0

  /** `bytesExpected`: how much there will be, where it is known; saves growing. */
  constructor(bytesExpected = INITIAL_BYTES) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(bytesExpected, INITIAL_BYTES))
    this.#view = viewOf(this.#buffer)
  }

  #reserve(bytes: number): number {
    const start = this.#length
    const end = start + bytes
    if (end > this.#buffer.length) this.#grow(end)
    this.#length = end
    return start
  }

  #grow(bytes: number): void {
    const outgrown = this.#buffer
    const grown = Buffer.allocUnsafeSlow(Math.max(bytes, outgrown.length * 2))
    outgrown.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
    this.#view = viewOf(grown)
    giveBack(outgrown)
  }

  uint8(value: number): void {
    // In two steps: reserving may replace the buffer, and the left side of an assignment is read first.
    const at = this.#reserve(1)
    this.#buffer[at] = value
  }

  uint16(value: number): void {
    const at = this.#reserve(2)
    this.#view.setUint16(at, value, true)
  }

  uint32(value: number): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value, true)
  }

  uint64(value: bigint): void {
    const at = this.#reserve(8)
    this.#view.setBigUint64(at, value, true)
  }

  /** A safe integer that is not negative, in 64 bits. */
  count(value: number): void {
    const at = this.#reserve(8)
    this.#view.setUint32(at, value % TWO_TO_32, true)
    this.#view.setUint32(at + 4, Math.floor(value / TWO_TO_32), true)
  }

  int64(value: bigint): void {
    const at = this.#reserve(8)
    this.#view.setBigInt64(at, value, true)
  }

  float64(value: number): void {
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value, true)
  }

  /** Raw bytes given as hex digits; false where one is none. */
  hex(value: string, bytes: number): boolean {
    const at = this.#reserve(bytes)
    const buffer = this.#buffer
    for (let index = 0; index < bytes; index += 1) {
      const high = HEX_DIGITS[value.charCodeAt(2 * index)] ?? NOT_HEX
      const low = HEX_DIGITS[value.charCodeAt(2 * index + 1)] ?? NOT_HEX
      if ((high | low) > 0x0f) return false
      buffer[at + index] = (high << 4) | low
    }
    return true
  }

  varuint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.uint8((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.uint8(rest)
  }

  /** Length-prefixed UTF-8. */
  text(value: string): void {
    const { length } = value
    if (length <= LOOPED_CHARS_MAX && this.#shortAscii(value, length)) return
    if (length * UTF8_BYTES_PER_CHAR_MAX <= ONE_BYTE_LENGTH_MAX) {
      // The length fits one byte whatever the characters are, so write first and patch the length in.
      const at = this.#reserve(1 + length * UTF8_BYTES_PER_CHAR_MAX)
      const written = this.#buffer.write(value, at + 1, 'utf8')
      this.#buffer[at] = written
      this.#length = at + 1 + written
      return
    }
    const bytes = Buffer.byteLength(value)
    this.varuint(bytes)
    const at = this.#reserve(bytes)
    this.#buffer.write(value, at, 'utf8')
  }

  /** False, with nothing written, where a character is not ASCII. */
  #shortAscii(value: string, length: number): boolean {
    const at = this.#reserve(1 + length)
    const buffer = this.#buffer
    buffer[at] = length
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index)
      if (code > ASCII_MAX) {
        this.#length = at
        return false
      }
      buffer[at + 1 + index] = code
    }
    return true
  }

  /** Once more what was written from `start` to `end`. */
  again(start: number, end: number): void {
    const at = this.#reserve(end - start)
    this.#buffer.copyWithin(at, start, end)
  }

  raw(bytes: Buffer): void {
    const at = this.#reserve(bytes.length)
    bytes.copy(this.#buffer, at)
  }

  append(other: ByteWriter): void {
    this.raw(other.bytes())
  }

  get length(): number {
    return this.#length
  }

  /** Forgets what was written behind the first bytes. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length)
  }

  /** The bytes written so far; valid until the next write, and after `release` no more. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Gives the memory back at once: it lies outside of V8's heap, where megabytes of it call for full collections. */
  release(): void {
    giveBack(this.#buffer)
    this.#buffer = NOTHING
    this.#view = viewOf(NOTHING)
    this.#length = 0
  }
}

const NOTHING = Buffer.alloc(0)

/** A buffer of a writer has memory of its own, which nobody reads any more. */
const giveBack = ({ buffer }: Buffer): void => {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength)
