const INITIAL_BYTES = 4096
const UTF8_BYTES_PER_CHAR_MAX = 3

/** Growable little-endian byte buffer. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  #length = 0

  #reserve(bytes: number): number {
    const start = this.#length
    const end = start + bytes
    if (end > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2))
      this.#buffer.copy(grown, 0, 0, start)
      this.#buffer = grown
    }
    this.#length = end
    return start
  }

  uint8(value: number): void {
    // In two steps: reserving may replace the buffer, and the left side of an assignment is read first.
    const at = this.#reserve(1)
    this.#buffer[at] = value
  }

  uint16(value: number): void {
    const at = this.#reserve(2)
    this.#buffer.writeUInt16LE(value, at)
  }

  uint32(value: number): void {
    const at = this.#reserve(4)
    this.#buffer.writeUInt32LE(value, at)
  }

  uint64(value: bigint): void {
    const at = this.#reserve(8)
    this.#buffer.writeBigUInt64LE(value, at)
  }

  int64(value: bigint): void {
    const at = this.#reserve(8)
    this.#buffer.writeBigInt64LE(value, at)
  }

  float64(value: number): void {
    const at = this.#reserve(8)
    this.#buffer.writeDoubleLE(value, at)
  }

  hex(value: string, bytes: number): void {
    const at = this.#reserve(bytes)
    this.#buffer.write(value, at, bytes, 'hex')
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
    if (value.length * UTF8_BYTES_PER_CHAR_MAX < 0x80) {
      // Short text: the length fits one byte whatever the characters are, so write first and patch the length in.
      const at = this.#reserve(1 + value.length * UTF8_BYTES_PER_CHAR_MAX)
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

  /** The bytes written so far; valid until the next write. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }
}
