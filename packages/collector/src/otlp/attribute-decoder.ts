/**
 * Attribute lists → values. 64-bit integers stay exact as bigint. Arrays, key-value lists and bytes become JSON text
 * (bytes as base64), because evidence holds scalars only. An attribute without a value is absent.
 */
import { isUtf8 } from 'node:buffer'
import { limits, setOwn } from '@outlay/core'
import type { AttributeValue } from '@outlay/semconv'
import { BytesCache } from './bytes-cache.ts'
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from './trace-fields.ts'
import { WireError, type WireReader } from './wire-reader.ts'

/** Thrown inside a value and caught at its attribute: the value is left out, the span is kept. */
class ValueTooDeep extends Error {}

const keyTexts = new BytesCache((text) => text)

export class AttributeDecoder {
  /** Strings in which invalid UTF-8 was replaced by U+FFFD. */
  invalidUtf8 = 0
  /** Values left out because they nest too deep or their JSON text is too long. */
  omittedValues = 0
  readonly #reader: WireReader

  constructor(reader: WireReader) {
    this.#reader = reader
  }

  text(start: number, end: number): string {
    const { bytes } = this.#reader
    const text = bytes.toString('utf8', start, end)
    // A sender may also have written U+FFFD itself: only a look at the bytes tells.
    if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(start, end))) this.invalidUtf8 += 1
    return text
  }

  /** Decodes one KeyValue that ends at `end` into `target`; the last of equal keys wins. */
  attribute(end: number, target: Record<string, AttributeValue>): void {
    const reader = this.#reader
    let key = ''
    let valueStart = -1
    let valueEnd = -1
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === KEY_VALUE.key) {
        const stop = reader.payloadEnd(end)
        key = keyTexts.get(reader.bytes, reader.pos, stop)
        reader.pos = stop
      } else if (tag === KEY_VALUE.value) {
        valueEnd = reader.payloadEnd(end)
        valueStart = reader.pos
        reader.pos = valueEnd
      } else {
        reader.skip(tag, end)
      }
    }
    if (valueStart < 0) return
    reader.pos = valueStart
    const value = this.#value(valueEnd)
    if (value !== undefined) setOwn(target, key, value)
    reader.pos = end
  }

  #value(end: number): AttributeValue | undefined {
    const reader = this.#reader
    const start = reader.pos
    // Nearly all values are one short text or one integer and nothing else.
    const first = start < end ? reader.bytes[start] : 0
    if (
      first === ANY_VALUE.string &&
      end - start >= 2 &&
      reader.bytes[start + 1] === end - start - 2 &&
      end - start < 130
    ) {
      return this.text(start + 2, end)
    }
    if (first === ANY_VALUE.int) {
      reader.pos = start + 1
      const value = reader.int64(end)
      if (reader.pos === end) return value
      reader.pos = start
    }
    return this.#anyValue(end)
  }

  #anyValue(end: number): AttributeValue | undefined {
    const member = this.#lastMember(end)
    if (member === undefined) return undefined
    const reader = this.#reader
    reader.pos = member.start
    switch (member.tag) {
      case ANY_VALUE.string:
        return this.text(member.start, member.end)
      case ANY_VALUE.bool:
        return reader.varint(end) !== 0
      case ANY_VALUE.int:
        return reader.int64(end)
      case ANY_VALUE.double:
        return reader.bytes.readDoubleLE(member.start)
      case ANY_VALUE.bytes:
        return reader.bytes.toString('base64', member.start, member.end)
      default:
        return this.#jsonText(member)
    }
  }

  #jsonText(member: Member): string | undefined {
    try {
      const text = this.#json(member, 1)
      if (Buffer.byteLength(text) <= limits.attributeValueBytesMax) return text
    } catch (error) {
      if (!(error instanceof ValueTooDeep)) throw error
    }
    this.omittedValues += 1
    return undefined
  }

  #json(member: Member, depth: number): string {
    if (depth > limits.attributeNestingMax) throw new ValueTooDeep()
    const reader = this.#reader
    reader.pos = member.start
    switch (member.tag) {
      case ANY_VALUE.string:
        return JSON.stringify(this.text(member.start, member.end))
      case ANY_VALUE.bool:
        return reader.varint(member.end) === 0 ? 'false' : 'true'
      case ANY_VALUE.int:
        return reader.int64(member.end).toString()
      case ANY_VALUE.double:
        return jsonNumber(reader.bytes.readDoubleLE(member.start))
      case ANY_VALUE.bytes:
        return JSON.stringify(reader.bytes.toString('base64', member.start, member.end))
      case ANY_VALUE.array:
        return `[${this.#elements(member.end, ARRAY_VALUE.values, (end) => this.#nested(end, depth)).join(',')}]`
      default:
        return `{${this.#elements(member.end, KEY_VALUE_LIST.values, (end) => this.#pair(end, depth)).join(',')}}`
    }
  }

  #elements(end: number, wanted: number, decode: (end: number) => string): string[] {
    const reader = this.#reader
    const elements: string[] = []
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag !== wanted) {
        reader.skip(tag, end)
        continue
      }
      const stop = reader.payloadEnd(end)
      elements.push(decode(stop))
      reader.pos = stop
    }
    return elements
  }

  #nested(end: number, depth: number): string {
    const member = this.#lastMember(end)
    return member === undefined ? 'null' : this.#json(member, depth + 1)
  }

  #pair(end: number, depth: number): string {
    const reader = this.#reader
    let key = ''
    let value = 'null'
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === KEY_VALUE.key) {
        const stop = reader.payloadEnd(end)
        key = this.text(reader.pos, stop)
        reader.pos = stop
      } else if (tag === KEY_VALUE.value) {
        const stop = reader.payloadEnd(end)
        value = this.#nested(stop, depth)
        reader.pos = stop
      } else {
        reader.skip(tag, end)
      }
    }
    return `${JSON.stringify(key)}:${value}`
  }

  /** The member of an AnyValue that counts: of a oneof on the wire the last one wins. */
  #lastMember(end: number): Member | undefined {
    const reader = this.#reader
    let last: Member | undefined
    while (reader.pos < end) {
      const tag = reader.tag(end)
      const before = reader.pos
      const isBytes = (tag & 7) === 2
      const stop = isBytes ? reader.payloadEnd(end) : 0
      const start = isBytes ? reader.pos : before
      if (isBytes) reader.pos = stop
      else reader.skip(tag, end)
      if (MEMBER_TAGS.has(tag)) last = { tag, start, end: reader.pos }
    }
    if (reader.pos !== end) throw new WireError('value beyond its message', end)
    return last
  }
}

interface Member {
  readonly tag: number
  readonly start: number
  readonly end: number
}

const MEMBER_TAGS: ReadonlySet<number> = new Set(Object.values(ANY_VALUE))

/** JSON has no NaN and no infinities: their proto3 JSON names. */
const jsonNumber = (value: number): string => (Number.isFinite(value) ? String(value) : JSON.stringify(String(value)))
