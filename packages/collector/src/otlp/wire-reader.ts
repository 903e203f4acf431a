/**
 * The protobuf wire format, read in place: tags, lengths, varints and skipping. Every malformed byte is a `WireError` with
 * its offset and never its value. Groups (wire types 3 and 4) are refused, as OTLP has none.
 */

export class WireError extends Error {
  readonly offset: number

  constructor(what: string, offset: number) {
    super(`${what} at byte ${offset}`)
    this.name = 'WireError'
    this.offset = offset
  }
}

const WIRE_VARINT = 0
const WIRE_FIXED64 = 1
const WIRE_BYTES = 2
const WIRE_FIXED32 = 5

const TAG_MAX = 0xffffffff
const VARINT_BYTES_MAX = 10

export class WireReader {
  readonly bytes: Buffer
  pos: number

  constructor(bytes: Buffer, pos = 0) {
    this.bytes = bytes
    this.pos = pos
  }

  /** An unsigned varint as a number: exact up to 2^53, and never below 2^53 if it is larger. */
  varint(end: number): number {
    const { bytes } = this
    const start = this.pos
    let pos = start
    let value = 0
    let scale = 1
    while (pos < end) {
      const byte = bytes[pos] as number
      pos += 1
      if (byte < 0x80) {
        this.pos = pos
        return value + byte * scale
      }
      if (pos - start === VARINT_BYTES_MAX) throw new WireError('varint longer than 10 bytes', start)
      value += (byte & 0x7f) * scale
      scale *= 128
    }
    throw new WireError('varint cut short', start)
  }

  /** A varint as the 64-bit two's complement integer that it stands for. */
  int64(end: number): bigint {
    const start = this.pos
    const value = this.varint(end)
    if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value)
    let exact = 0n
    for (let pos = this.pos - 1; pos >= start; pos -= 1)
      exact = (exact << 7n) | BigInt((this.bytes[pos] as number) & 0x7f)
    return BigInt.asIntN(64, exact)
  }

  /** A tag: field number and wire type. Field number 0 is malformed. */
  tag(end: number): number {
    const start = this.pos
    const tag = this.varint(end)
    if (tag > TAG_MAX || tag < 8) throw new WireError('malformed tag', start)
    return tag
  }

  /** Reads a length and returns where its payload ends. */
  payloadEnd(end: number): number {
    const start = this.pos
    const length = this.varint(end)
    if (length > end - this.pos) throw new WireError('length beyond the enclosing message', start)
    return this.pos + length
  }

  /** Steps over the value of a field. */
  skip(tag: number, end: number): void {
    const start = this.pos
    switch (tag & 7) {
      case WIRE_VARINT:
        this.varint(end)
        return
      case WIRE_FIXED64:
        this.pos += 8
        break
      case WIRE_BYTES:
        this.pos = this.payloadEnd(end)
        return
      case WIRE_FIXED32:
        this.pos += 4
        break
      default:
        throw new WireError('unsupported wire type', start)
    }
    if (this.pos > end) throw new WireError('value cut short', start)
  }
}

/** Bytes that a varint of this value takes; values below 2^53. */
export const varintBytes = (value: number): number => {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1
  return bytes
}

/** Writes a varint of a value below 2^53; returns the offset behind it. */
export const writeVarint = (target: Buffer, value: number, offset: number): number => {
  let rest = value
  let at = offset
  while (rest >= 128) {
    target[at] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
    at += 1
  }
  target[at] = rest
  return at + 1
}
