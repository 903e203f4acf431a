/**
 * Writes protobuf from the end to the front: when a message is complete its length is known, so prefixes are exact and
 * nothing is copied twice. Write the fields of a message in descending order.
 */
import { varintBytes, writeVarint } from './wire-reader.ts'

export class ReverseWriter {
  #buffer: Buffer
  #at: number

  constructor(bytesExpected: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(bytesExpected, 256))
    this.#at = this.#buffer.length
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#buffer.length - this.#at
  }

  finish(): Buffer {
    return this.#buffer.subarray(this.#at)
  }

  /** Closes a length-delimited field whose payload was written since the writer had the size `sizeBefore`. */
  lengthDelimited(tag: number, sizeBefore: number): void {
    this.#varint(this.size - sizeBefore)
    this.#varint(tag)
  }

  text(tag: number, value: string): void {
    const bytes = Buffer.byteLength(value)
    this.#reserve(bytes)
    // Lone surrogates become U+FFFD, as byteLength already assumes.
    this.#buffer.write(value, this.#at, 'utf8')
    this.lengthDelimited(tag, this.size - bytes)
  }

  bytes(tag: number, value: Buffer): void {
    this.#reserve(value.length)
    value.copy(this.#buffer, this.#at)
    this.lengthDelimited(tag, this.size - value.length)
  }

  /** A varint field of a value below 2^53. */
  unsigned(tag: number, value: number): void {
    this.#varint(value)
    this.#varint(tag)
  }

  /** A varint field of a 64-bit integer, negative ones as two's complement. */
  int64(tag: number, value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    const bytes: number[] = []
    do {
      bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
      rest >>= 7n
    } while (rest > 0n)
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#varint(tag)
  }

  fixed64(tag: number, value: bigint): void {
    this.#reserve(8)
    this.#buffer.writeBigUInt64LE(value, this.#at)
    this.#varint(tag)
  }

  fixed32(tag: number, value: number): void {
    this.#reserve(4)
    this.#buffer.writeUInt32LE(value, this.#at)
    this.#varint(tag)
  }

  double(tag: number, value: number): void {
    this.#reserve(8)
    this.#buffer.writeDoubleLE(value, this.#at)
    this.#varint(tag)
  }

  #varint(value: number): void {
    this.#reserve(varintBytes(value))
    writeVarint(this.#buffer, value, this.#at)
  }

  /** Moves the write position forward by `bytes`, growing at the front. */
  #reserve(bytes: number): void {
    if (bytes > this.#at) {
      const grown = Buffer.allocUnsafe(this.#buffer.length * 2 + bytes)
      const at = grown.length - this.size
      this.#buffer.copy(grown, at, this.#at)
      this.#buffer = grown
      this.#at = at
    }
    this.#at -= bytes
  }
}
