/** What an AnyValue on the wire is, found without decoding it. */
import { limits } from '@outlay/core'
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from '#src/otlp/trace-fields.ts'
import type { WireReader } from '#src/otlp/wire-reader.ts'

/** Reused from value to value. */
export class ValueShape {
  /** Tag of the member that counts (of a oneof the last one wins); 0 for an empty value. */
  tag = 0
  /** Where the field of that member begins, and its payload. */
  fieldStart = 0
  start = 0
  end = 0
  /** False if the value holds more than that one member: the rest must not be stored. */
  isPlain = true

  read(reader: WireReader, end: number): void {
    this.tag = 0
    this.fieldStart = this.start = this.end = reader.pos
    this.isPlain = true
    while (reader.pos < end) {
      const fieldStart = reader.pos
      const tag = reader.tag(end)
      if (!isMember(tag)) {
        this.isPlain = false
        reader.skip(tag, end)
        continue
      }
      if (this.tag !== 0) this.isPlain = false
      this.tag = tag
      this.fieldStart = fieldStart
      if ((tag & 7) === 2) {
        const stop = reader.payloadEnd(end)
        this.start = reader.pos
        reader.pos = stop
      } else {
        this.start = reader.pos
        reader.skip(tag, end)
      }
      this.end = reader.pos
    }
  }

  get isScalar(): boolean {
    return this.tag !== ANY_VALUE.array && this.tag !== ANY_VALUE.kvlist
  }

  /** Text or bytes: what can hold content. */
  get holdsText(): boolean {
    return this.tag === ANY_VALUE.string || this.tag === ANY_VALUE.bytes
  }
}

const isMember = (tag: number): boolean =>
  tag === ANY_VALUE.string ||
  tag === ANY_VALUE.int ||
  tag === ANY_VALUE.bool ||
  tag === ANY_VALUE.double ||
  tag === ANY_VALUE.array ||
  tag === ANY_VALUE.kvlist ||
  tag === ANY_VALUE.bytes

/** `keep`: cannot hold prose. `drop`: may. `too_deep`: not looked at any further. */
export type NestedVerdict = 'keep' | 'drop' | 'too_deep'

/** Keys of a list are text as well: only names pass. */
const LIST_KEY = /^[\w.]{1,64}$/

export interface NestedRules {
  /** Leaves and keys may be any text. */
  readonly mayHoldText: boolean
}

/**
 * Structured values of known attributes: a list of scalars is kept, and a structure whose leaves are numbers and booleans.
 * Anything the reader does not know exactly is dropped. Malformed bytes throw, since a kept value must decode later.
 */
export const judgeNested = (reader: WireReader, shape: ValueShape, rules: NestedRules): NestedVerdict => {
  const { tag, start, end } = shape
  if (tag === ANY_VALUE.array && isScalarList(reader, start, end)) return 'keep'
  return judgeLeaves(reader, { tag, start, end, rules }, 1)
}

const isScalarList = (reader: WireReader, start: number, end: number): boolean => {
  const element = new ValueShape()
  reader.pos = start
  while (reader.pos < end) {
    if (reader.tag(end) !== ARRAY_VALUE.values) return false
    element.read(reader, reader.payloadEnd(end))
    if (!element.isPlain || !element.isScalar) return false
  }
  return true
}

interface Nested {
  readonly tag: number
  readonly start: number
  readonly end: number
  readonly rules: NestedRules
}

interface Inside {
  readonly depth: number
  readonly rules: NestedRules
}

const judgeLeaves = (reader: WireReader, nested: Nested, depth: number): NestedVerdict => {
  if (depth > limits.attributeNestingMax) return 'too_deep'
  const { tag, start, end, rules } = nested
  const inside: Inside = { depth, rules }
  const wanted = tag === ANY_VALUE.array ? ARRAY_VALUE.values : KEY_VALUE_LIST.values
  reader.pos = start
  while (reader.pos < end) {
    if (reader.tag(end) !== wanted) return 'drop'
    const stop = reader.payloadEnd(end)
    const verdict = tag === ANY_VALUE.array ? judgeLeaf(reader, stop, inside) : judgePair(reader, stop, inside)
    if (verdict !== 'keep') return verdict
    reader.pos = stop
  }
  return 'keep'
}

const judgePair = (reader: WireReader, end: number, inside: Inside): NestedVerdict => {
  let keys = 0
  let values = 0
  while (reader.pos < end) {
    const tag = reader.tag(end)
    if (tag === KEY_VALUE.key) {
      const stop = reader.payloadEnd(end)
      keys += 1
      if (keys > 1) return 'drop'
      if (!inside.rules.mayHoldText && !LIST_KEY.test(reader.bytes.toString('utf8', reader.pos, stop))) return 'drop'
      reader.pos = stop
    } else if (tag === KEY_VALUE.value) {
      const stop = reader.payloadEnd(end)
      values += 1
      const verdict = values > 1 ? 'drop' : judgeLeaf(reader, stop, inside)
      if (verdict !== 'keep') return verdict
      reader.pos = stop
    } else {
      return 'drop'
    }
  }
  return 'keep'
}

const judgeLeaf = (reader: WireReader, end: number, { depth, rules }: Inside): NestedVerdict => {
  const leaf = new ValueShape()
  leaf.read(reader, end)
  if (!leaf.isPlain || (leaf.holdsText && !rules.mayHoldText)) return 'drop'
  const { tag, start, end: stop } = leaf
  return leaf.isScalar ? 'keep' : judgeLeaves(reader, { tag, start, end: stop, rules }, depth + 1)
}
