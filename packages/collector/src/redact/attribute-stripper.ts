/**
 * One attribute: keep it, cut it, replace its value, or drop it (collector §11.3). Anything that is not exactly one key
 * and one value of one kind is written anew from the parts that count, so that nothing rides along unseen.
 */
import { limits } from '@outlay/core'
import { BytesCache } from '#src/otlp/bytes-cache.ts'
import { ANY_VALUE, KEY_VALUE } from '#src/otlp/trace-fields.ts'
import { varintBytes, type WireReader, writeVarint } from '#src/otlp/wire-reader.ts'
import { judgeKey, type KeyVerdict, type VerdictSettings } from './attribute-class.ts'
import type { EditList } from './edit-list.ts'
import type { RedactionClass } from './redaction-counts.ts'
import { extractUsage, isPlainUsage } from './usage-subtree.ts'
import { hashUserId, isHashedUserId } from './user-ids.ts'
import { judgeNested, ValueShape } from './value-shape.ts'

export interface AttributeRules extends VerdictSettings {
  readonly unknownBytesMax: number
  /** Without it, user ids that are not hashed yet are dropped. */
  readonly userHashKey: string | Uint8Array | undefined
  /** Per JSON usage carrier the subtrees that may stay. */
  readonly usageSubtrees: Readonly<Record<string, readonly string[]>>
}

/** Left in place of an unreadable usage carrier: no JSON, so that readers flag it instead of missing it silently. */
const BAD_BLOB_MARK = Buffer.from('bad_blob')

const COUNT_TEXT = /^\d+(\.\d+)?$/
const COUNT_TEXT_BYTES_MAX = 32

const DOUBLE_FIELD_BYTES = 9
const INT_FIELD_BYTES_MAX = 11

/** What becomes of a value: `undefined` keeps it. */
type ValueDecision = { readonly drop: RedactionClass } | { readonly text: Buffer; readonly because: RedactionClass }

/** Where one attribute lies: from its tag to the end of its payload. */
export interface AttributePlace {
  readonly tagStart: number
  readonly tag: number
  readonly end: number
}

export class AttributeStripper {
  readonly #rules: AttributeRules
  readonly #verdicts: BytesCache<KeyVerdict>
  readonly #shape = new ValueShape()
  #reader!: WireReader
  #edits!: EditList
  #counts!: Record<RedactionClass, number>
  #keyStart = 0
  #keyEnd = 0
  #valueStart = 0
  #valueEnd = 0
  #isPlain = true
  /** Key and value are each below 128 bytes, and there is nothing else. */
  #isShort = false

  constructor(rules: AttributeRules) {
    this.#rules = rules
    this.#verdicts = new BytesCache((key) => judgeKey(key, rules))
  }

  /** Points the stripper to a request; it holds no other state between requests. */
  attach(reader: WireReader, edits: EditList, counts: Record<RedactionClass, number>): void {
    this.#reader = reader
    this.#edits = edits
    this.#counts = counts
  }

  /**
   * Handles the attribute whose payload begins at the reader's place and leaves the reader at its end. Returns why it was
   * dropped, if it was.
   */
  strip(place: AttributePlace): RedactionClass | undefined {
    const dropped = this.#strip(place)
    if (dropped !== undefined) {
      this.#edits.drop(place.tagStart, place.end)
      this.#counts[dropped] += 1
    }
    this.#reader.pos = place.end
    return dropped
  }

  #strip(place: AttributePlace): RedactionClass | undefined {
    const reader = this.#reader
    this.#readKeyValue(place.end)
    const verdict = this.#verdicts.get(reader.bytes, this.#keyStart, this.#keyEnd)
    if (verdict.class === 'carrier') return 'carrier'
    if (verdict.keepsScalars && this.#isShortScalar()) return undefined
    const shape = this.#shape
    reader.pos = this.#valueStart
    shape.read(reader, this.#valueEnd)
    const decision = this.#decide(verdict)
    if (decision === undefined) {
      if (!this.#isPlain || !shape.isPlain) this.#rewrite(place, undefined)
      return undefined
    }
    if ('drop' in decision) return decision.drop
    this.#counts[decision.because] += 1
    this.#rewrite(place, decision.text)
    return undefined
  }

  /**
   * What nearly all values are: one text, integer, boolean or double and nothing else, in a value so short that it is below
   * every cap.
   */
  #isShortScalar(): boolean {
    const { bytes } = this.#reader
    const [start, end] = [this.#valueStart, this.#valueEnd]
    const size = end - start
    if (!this.#isShort || size < 2) return false
    const tag = bytes[start]
    if (tag === ANY_VALUE.string) return bytes[start + 1] === size - 2
    if (tag === ANY_VALUE.bool) return size === 2 && (bytes[start + 1] as number) < 0x80
    if (tag === ANY_VALUE.double) return size === DOUBLE_FIELD_BYTES
    if (tag !== ANY_VALUE.int || size > INT_FIELD_BYTES_MAX) return false
    for (let at = start + 1; at < end - 1; at += 1) if ((bytes[at] as number) < 0x80) return false
    return (bytes[end - 1] as number) < 0x80
  }

  #readKeyValue(end: number): void {
    this.#isShort = this.#readShortKeyValue(end)
    if (this.#isShort) return
    const reader = this.#reader
    let keys = 0
    let values = 0
    let others = 0
    this.#keyStart = this.#keyEnd = this.#valueStart = this.#valueEnd = reader.pos
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === KEY_VALUE.key) {
        this.#keyEnd = reader.payloadEnd(end)
        this.#keyStart = reader.pos
        reader.pos = this.#keyEnd
        keys += 1
      } else if (tag === KEY_VALUE.value) {
        this.#valueEnd = reader.payloadEnd(end)
        this.#valueStart = reader.pos
        reader.pos = this.#valueEnd
        values += 1
      } else {
        reader.skip(tag, end)
        others += 1
      }
    }
    this.#isPlain = keys <= 1 && values <= 1 && others === 0
  }

  /** What nearly all attributes are: a key and a value, each below 128 bytes, in this order and nothing else. */
  #readShortKeyValue(end: number): boolean {
    const { bytes, pos } = this.#reader
    if (end - pos < 4 || bytes[pos] !== KEY_VALUE.key) return false
    const valueTagAt = pos + 2 + (bytes[pos + 1] as number)
    if (valueTagAt + 2 > end || bytes[valueTagAt] !== KEY_VALUE.value) return false
    const valueBytes = bytes[valueTagAt + 1] as number
    // Lengths of 128 and more take several bytes and cannot add up to the end here.
    if ((bytes[pos + 1] as number) >= 0x80 || valueBytes >= 0x80 || valueTagAt + 2 + valueBytes !== end) return false
    this.#keyStart = pos + 2
    this.#keyEnd = valueTagAt
    this.#valueStart = valueTagAt + 2
    this.#valueEnd = end
    this.#isPlain = true
    return true
  }

  #decide(verdict: KeyVerdict): ValueDecision | undefined {
    switch (verdict.class) {
      case 'known':
        return this.#decideKnown(verdict)
      case 'json_usage_carrier':
        return this.#decideUsage(verdict.key)
      case 'user_id':
        return this.#decideUserId()
      case 'unknown':
        return this.#decideUnknown(verdict)
      case 'carrier':
        return { drop: 'carrier' }
    }
    // A class that a later version of the names adds is dropped until it is known here.
    return { drop: 'carrier' }
  }

  #decideKnown(verdict: KeyVerdict): ValueDecision | undefined {
    const shape = this.#shape
    const bytes = shape.end - shape.start
    if (verdict.namesContent && !this.#isCount()) return { drop: 'unknown_name' }
    if (shape.isScalar) {
      if (bytes <= limits.attributeValueBytesMax || !shape.holdsText) return undefined
      if (shape.tag === ANY_VALUE.bytes) return { drop: 'known_shape' }
      return { text: cutText(this.#reader.bytes, shape, limits.attributeValueBytesMax), because: 'truncated' }
    }
    if (bytes > limits.attributeValueBytesMax) return { drop: 'known_shape' }
    const nested = judgeNested(this.#reader, shape, { mayHoldText: this.#rules.keepContent })
    if (nested === 'keep') return undefined
    return { drop: nested === 'too_deep' ? 'over_limit' : 'known_shape' }
  }

  /** A number, or one written as text, as some emitters write their counters. */
  #isCount(): boolean {
    const { start, end, isScalar, holdsText } = this.#shape
    if (!holdsText) return isScalar
    return end - start <= COUNT_TEXT_BYTES_MAX && COUNT_TEXT.test(this.#reader.bytes.toString('latin1', start, end))
  }

  #decideUnknown(verdict: KeyVerdict): ValueDecision | undefined {
    const shape = this.#shape
    if (verdict.segmentNamesContent || (verdict.namesContent && shape.holdsText)) return { drop: 'unknown_name' }
    if (!shape.isScalar || shape.end - shape.start > this.#rules.unknownBytesMax) return { drop: 'unknown_value' }
    return undefined
  }

  #decideUsage(key: string): ValueDecision | undefined {
    const { start, end, tag } = this.#shape
    const paths = Object.hasOwn(this.#rules.usageSubtrees, key) ? (this.#rules.usageSubtrees[key] ?? []) : []
    if (paths.length === 0) return { drop: 'carrier' }
    const isText = tag === ANY_VALUE.string && end - start <= limits.usageJsonBytesMax
    if (isText && BAD_BLOB_MARK.equals(this.#reader.bytes.subarray(start, end))) return undefined
    // Whole: cut at the cap of other texts it would be no JSON any more, and its usage would be lost.
    if (isText && this.#rules.keepContent) return undefined
    if (isText && isPlainUsage(this.#reader.bytes, start, end, paths)) return undefined
    const usage = isText ? extractUsage(this.#reader.bytes.toString('utf8', start, end), paths) : undefined
    if (usage === undefined || usage.kind === 'bad_blob') return { text: BAD_BLOB_MARK, because: 'bad_blob' }
    if (usage.kind === 'verbatim') return undefined
    return { text: Buffer.from(usage.text), because: 'usage_extracted' }
  }

  #decideUserId(): ValueDecision | undefined {
    const { start, end, tag } = this.#shape
    const { bytes } = this.#reader
    if (start === end) return undefined
    const isText = tag === ANY_VALUE.string
    if (isText && isHashedUserId(bytes.toString('latin1', start, end))) return undefined
    const key = this.#rules.userHashKey
    if (key === undefined || (!isText && tag !== ANY_VALUE.int)) return { drop: 'user_id_dropped' }
    const id = isText ? bytes.toString('utf8', start, end) : this.#integerText(start, end)
    return { text: Buffer.from(hashUserId(id, key)), because: 'user_id_hashed' }
  }

  #integerText(start: number, end: number): string {
    this.#reader.pos = start
    return this.#reader.int64(end).toString()
  }

  /** The attribute with its key and either a new text or the one member of its value that counts. */
  #rewrite({ tagStart, tag, end }: AttributePlace, text: Buffer | undefined): void {
    const { bytes } = this.#reader
    const key = bytes.subarray(this.#keyStart, this.#keyEnd)
    const { fieldStart, end: memberEnd } = this.#shape
    const value = text === undefined ? bytes.subarray(fieldStart, memberEnd) : lengthPrefixed(ANY_VALUE.string, text)
    const pair = Buffer.concat([lengthPrefixed(KEY_VALUE.key, key), lengthPrefixed(KEY_VALUE.value, value)])
    this.#edits.replace(tagStart, end, lengthPrefixed(tag, pair))
  }
}

/** A length-delimited field. */
export const lengthPrefixed = (tag: number, payload: Buffer): Buffer => {
  const field = Buffer.allocUnsafe(varintBytes(tag) + varintBytes(payload.length) + payload.length)
  payload.copy(field, writeVarint(field, payload.length, writeVarint(field, tag, 0)))
  return field
}

/** At most `bytesMax` bytes of a text, cut between characters. */
export const cutText = (bytes: Buffer, { start, end }: { start: number; end: number }, bytesMax: number): Buffer => {
  let cut = Math.min(end, start + bytesMax)
  // A continuation byte (10xxxxxx) at the cut means that a character would be split.
  while (cut < end && cut > start && ((bytes[cut] as number) & 0xc0) === 0x80) cut -= 1
  return bytes.subarray(start, cut)
}
