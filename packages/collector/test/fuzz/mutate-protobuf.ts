/** One protobuf body → a slightly or thoroughly wrong one. Some changes are blind, others keep what encloses them intact. */
import type { Corpus } from './corpus.ts'
import type { Random } from './random.ts'
import { encodeField, encodeTree, type Field, fieldsOf, treeOf, varintOf } from './wire-tree.ts'

export type Mutation = (body: Buffer, random: Random, corpus: Corpus) => Buffer

const insertAt = (body: Buffer, at: number, inserted: Buffer): Buffer =>
  Buffer.concat([body.subarray(0, at), inserted, body.subarray(at)])

const sliceOf = (body: Buffer, random: Random): Buffer => {
  const start = random.below(body.length)
  return body.subarray(start, start + random.below(200))
}

const truncated: Mutation = (body, random) => body.subarray(0, random.below(body.length))

const flipped: Mutation = (body, random) => {
  const copy = Buffer.from(body)
  for (let left = random.between(1, 8); left > 0; left -= 1) {
    const at = random.below(copy.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  }
  return copy
}

const replacedBytes: Mutation = (body, random) => {
  const copy = Buffer.from(body)
  for (let left = random.between(1, 4); left > 0; left -= 1) {
    copy[random.below(copy.length)] = random.pick([0x00, 0x7f, 0x80, 0xff, random.below(256)])
  }
  return copy
}

const joined: Mutation = (body, random, { protobuf }) => {
  const other = random.pick(protobuf)
  return Buffer.concat([body.subarray(0, random.below(body.length)), other.subarray(random.below(other.length))])
}

const spliced: Mutation = (body, random, { protobuf }) =>
  insertAt(body, random.below(body.length), sliceOf(random.pick(protobuf), random))

const noise: Mutation = (body, random) => insertAt(body, random.below(body.length), random.bytes(random.between(1, 16)))

const doubled: Mutation = (body, random, { protobuf }) => Buffer.concat([body, random.pick(protobuf)])

/** Changes one list of fields somewhere in the tree; the lengths around it follow. */
const inTree =
  (change: (fields: readonly Field[], random: Random, corpus: Corpus) => readonly Field[]): Mutation =>
  (body, random, corpus) => {
    const descend = (fields: readonly Field[]): readonly Field[] => {
      const inner = fields.flatMap((field, index) => (fieldsOf(field) === undefined ? [] : [index]))
      if (inner.length === 0 || random.chance(5)) return change(fields, random, corpus)
      const index = random.pick(inner)
      return fields.map((field, at) =>
        at === index ? { head: field.head, payload: descend(fieldsOf(field) ?? []) } : field,
      )
    }
    return encodeTree(descend(treeOf(body)))
  }

/** A field as bytes that are written as they are. */
const verbatim = (bytes: Buffer): Field => ({ head: bytes, payload: undefined })

const withField = (fields: readonly Field[], random: Random, field: Field): readonly Field[] =>
  fields.toSpliced(random.below(fields.length + 1), 0, field)

const replaceOne = (fields: readonly Field[], random: Random, change: (field: Field) => Field): readonly Field[] => {
  const index = random.below(fields.length)
  return fields.map((field, at) => (at === index ? change(field) : field))
}

const LENGTHS: readonly Buffer[] = [
  varintOf(0),
  varintOf(2 ** 31),
  varintOf(2 ** 53 - 1),
  Buffer.from('ffffffffffffffffff01', 'hex'),
  Buffer.from('ffffffffffffffffffff01', 'hex'),
  Buffer.from('8000', 'hex'),
]

/** The length says something else than what follows. */
const wrongLength = inTree((fields, random) =>
  replaceOne(fields, random, (field) => {
    if (field.payload === undefined) return field
    const whole = encodeField(field)
    const content = Buffer.isBuffer(field.payload) ? field.payload : encodeTree(fieldsOf(field) ?? [])
    const near = varintOf(Math.max(0, content.length + random.pick([-2, -1, 1, 2, 200])))
    return random.chance(8)
      ? verbatim(whole.subarray(0, field.head.length))
      : verbatim(Buffer.concat([field.head, random.chance(2) ? near : random.pick(LENGTHS), content]))
  }),
)

const TAGS: readonly Buffer[] = [
  varintOf(0),
  varintOf(1),
  varintOf(7),
  varintOf((2 ** 29 - 1) * 8),
  varintOf((2 ** 29 - 1) * 8 + 2),
  varintOf(2 ** 32),
  varintOf(2 ** 35 + 2),
  Buffer.from('ffffffffffffffffff01', 'hex'),
  Buffer.from('8a8000', 'hex'),
]

const hugeTag = inTree((fields, random) =>
  withField(fields, random, verbatim(Buffer.concat([random.pick(TAGS), random.bytes(random.below(6))]))),
)

/** Wire types 3 and 4, balanced or not. */
const group = inTree((fields, random) => {
  const number = random.between(1, 20)
  const open = varintOf(number * 8 + 3)
  const close = varintOf(number * 8 + 4)
  const parts = random.pick([[open, close], [open], [close], [open, open, close, close]])
  return withField(fields, random, verbatim(Buffer.concat(parts)))
})

const unknownField = inTree((fields, random) => {
  const number = random.between(1, 40)
  const content = random.pick([random.bytes(random.below(20)), Buffer.from('canary sings in an unknown field')])
  return withField(fields, random, { head: varintOf(number * 8 + 2), payload: content })
})

const otherWireType = inTree((fields, random) =>
  replaceOne(fields, random, ({ head, payload }) => {
    const copy = Buffer.from(head)
    copy[0] = ((copy[0] ?? 0) & ~7) | random.pick([0, 1, 2, 5])
    return { head: copy, payload }
  }),
)

const REPEATS_MAX = 2_000
const repeated = inTree((fields, random) => {
  const index = random.below(fields.length)
  const field = fields[index]
  if (field === undefined) return fields
  const most = Math.max(2, Math.min(REPEATS_MAX, Math.floor(100_000 / (encodeField(field).length + 1))))
  const times = random.chance(50) ? random.between(2, most) : random.between(1, 4)
  return fields.toSpliced(index, 0, ...Array.from({ length: times }, () => field))
})

const removed = inTree((fields, random) => fields.toSpliced(random.below(fields.length), 1))

const reordered = inTree((fields, random) => {
  const index = random.below(fields.length)
  return fields.toSpliced(index, 1).toSpliced(random.below(fields.length), 0, ...fields.slice(index, index + 1))
})

const INVALID_UTF8: readonly Buffer[] = ['ff', 'c0af', 'eda080', 'f4908080', 'e282', '00', 'efbfbd', '80'].map((hex) =>
  Buffer.from(hex, 'hex'),
)

const invalidText = inTree((fields, random) =>
  replaceOne(fields, random, (field) => {
    if (!Buffer.isBuffer(field.payload)) return field
    return {
      head: field.head,
      payload: insertAt(field.payload, random.below(field.payload.length + 1), random.pick(INVALID_UTF8)),
    }
  }),
)

const resized = inTree((fields, random) =>
  replaceOne(fields, random, (field) => {
    if (!Buffer.isBuffer(field.payload)) return field
    const length = random.pick([0, 7, 8, 9, 15, 16, 17, 127, 128, 129, 255, 256, 257, 4_095, 4_096, 4_097])
    return { head: field.head, payload: Buffer.alloc(length, field.payload.length === 0 ? 'x' : field.payload) }
  }),
)

const VALUE = 0x12
const ARRAY = 0x2a
const VALUES = 0x0a
const KVLIST = 0x32

/** A value in lists in lists; some far deeper than any call stack should follow. */
const nested: Mutation = (body, random) => {
  const depth = random.chance(40) ? random.between(1_000, 8_000) : random.between(1, 70)
  const attribute = 0x4a
  const lists = random.chance(2) ? ARRAY : KVLIST
  // From the inside out, as prefixes of growing lengths.
  const prefixes: Buffer[] = []
  let length = 0
  const wrap = (tag: number): void => {
    prefixes.push(Buffer.concat([Buffer.from([tag]), varintOf(length)]))
    length += prefixes.at(-1)?.length ?? 0
  }
  for (let level = 0; level < depth; level += 1) {
    wrap(VALUES)
    wrap(lists)
  }
  wrap(VALUE)
  const key = Buffer.from('\x0a\x0boutlay.deep', 'latin1')
  prefixes.push(key)
  length += key.length
  const pair = Buffer.concat(prefixes.reverse())
  const field = verbatim(Buffer.concat([Buffer.from([attribute]), varintOf(pair.length), pair]))
  return inTree((fields, inner) => withField(fields, inner, field))(body, random, { protobuf: [], json: [] })
}

export const PROTOBUF_MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncated,
  flipped,
  'replaced bytes': replacedBytes,
  joined,
  spliced,
  noise,
  doubled,
  'wrong length': wrongLength,
  'huge tag': hugeTag,
  group,
  'unknown field': unknownField,
  'other wire type': otherWireType,
  repeated,
  removed,
  reordered,
  'invalid text': invalidText,
  resized,
  nested,
}
