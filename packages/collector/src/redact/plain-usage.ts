/**
 * Recognises usage JSON that may stay exactly as it is, from its bytes: what providers write is numbers under short names,
 * and parsing, copying and writing it anew only to find it equal costs a third of all stripping. Strict: what is not known
 * to come back byte for byte (a fraction, a space, an escape, a name that begins with a digit, perhaps a repeated name) is
 * left to the long way, which decides.
 */
import { limits } from '@outlay/core'

const DEPTH_MAX = 8
const NAMES_MAX = 512
const NAME_BYTES_MAX = 64
const DIGITS_MAX = 15

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
/** Letters, digits, `_`, `-` and `.`, by byte. */
const NAME_BYTES = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(/[\w.-]/.test(String.fromCharCode(byte)) && byte < 0x80),
)
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word))

/** Whether a text may stay under a name. */
export type KeepsText = (name: string, value: string) => boolean

export class PlainUsage {
  readonly #keepsText: KeepsText
  /** Hashes of the names seen so far, of all objects that are open. */
  readonly #names = new Int32Array(NAMES_MAX)
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0
  #nameCount = 0

  constructor(keepsText: KeepsText) {
    this.#keepsText = keepsText
  }

  /** True only if the long way would keep `bytes[start, end)` as it is. */
  test(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > limits.usageSubtreeBytesMax || bytes[start] !== OPEN_OBJECT) return false
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#nameCount = 0
    return this.#object(1) && this.#at === end
  }

  #byte(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] as number) : 0
  }

  #takes(byte: number): boolean {
    if (this.#byte() !== byte) return false
    this.#at += 1
    return true
  }

  #object(depth: number): boolean {
    this.#at += 1
    const namesBefore = this.#nameCount
    if (this.#takes(CLOSE_OBJECT)) return true
    do {
      const nameStart = this.#at + 1
      if (!this.#name(namesBefore)) return false
      const nameEnd = this.#at - 1
      if (!this.#takes(COLON) || !this.#value(depth, nameStart, nameEnd)) return false
    } while (this.#takes(COMMA))
    this.#nameCount = namesBefore
    return this.#takes(CLOSE_OBJECT)
  }

  #list(depth: number, nameStart: number, nameEnd: number): boolean {
    this.#at += 1
    if (this.#takes(CLOSE_LIST)) return true
    do {
      if (!this.#value(depth, nameStart, nameEnd)) return false
    } while (this.#takes(COMMA))
    return this.#takes(CLOSE_LIST)
  }

  /** A name that no other of the same object equals; two of one hash count as equal. */
  #name(namesBefore: number): boolean {
    if (!this.#takes(QUOTE)) return false
    const start = this.#at
    let mixed = 0
    for (let byte = this.#byte(); NAME_BYTES[byte] === 1; byte = this.#byte()) {
      mixed = (Math.imul(mixed, 31) + byte) | 0
      this.#at += 1
    }
    const length = this.#at - start
    // Names that are numbers change their place when an object is written.
    if (length === 0 || length > NAME_BYTES_MAX || isDigit(this.#bytes[start] as number)) return false
    for (let index = namesBefore; index < this.#nameCount; index += 1) if (this.#names[index] === mixed) return false
    if (this.#nameCount === NAMES_MAX) return false
    this.#names[this.#nameCount] = mixed
    this.#nameCount += 1
    return this.#takes(QUOTE)
  }

  #value(depth: number, nameStart: number, nameEnd: number): boolean {
    const byte = this.#byte()
    if (isDigit(byte) || byte === MINUS) return this.#integer()
    if (byte === OPEN_OBJECT) return depth < DEPTH_MAX && this.#object(depth + 1)
    if (byte === OPEN_LIST) return depth < DEPTH_MAX && this.#list(depth + 1, nameStart, nameEnd)
    if (byte === QUOTE) return this.#text(nameStart, nameEnd)
    return this.#word()
  }

  /** As it would be written: no leading zero, no `-0`, and exact as a number. */
  #integer(): boolean {
    const isNegative = this.#takes(MINUS)
    const start = this.#at
    while (isDigit(this.#byte())) this.#at += 1
    const digits = this.#at - start
    if (digits === 0 || digits > DIGITS_MAX) return false
    if (this.#bytes[start] === ZERO && (digits > 1 || isNegative)) return false
    // What follows is a comma or the end of a list or object, or the caller says no.
    return true
  }

  #text(nameStart: number, nameEnd: number): boolean {
    this.#at += 1
    const start = this.#at
    while (NAME_BYTES[this.#byte()] === 1) this.#at += 1
    const end = this.#at
    if (!this.#takes(QUOTE)) return false
    const bytes = this.#bytes
    return this.#keepsText(bytes.toString('latin1', nameStart, nameEnd), bytes.toString('latin1', start, end))
  }

  #word(): boolean {
    for (const word of WORDS) {
      if (this.#bytes.compare(word, 0, word.length, this.#at, Math.min(this.#end, this.#at + word.length)) !== 0)
        continue
      this.#at += word.length
      return true
    }
    return false
  }
}
