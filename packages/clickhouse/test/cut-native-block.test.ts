import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openNativeBlock } from '#src/native/cut-native-block.ts'
import { encodeNativeBlock } from '#src/native/native-block.ts'
import { defineTable, columnsOf, type RowOf } from '#src/tables/table-shape.ts'

/** Every kind of column that units have. */
const table = defineTable('any', {
  text: 'string',
  texts: 'strings',
  id: 'hex16',
  small: 'int8',
  kind: 'uint16',
  lsn: 'uint64',
  numbers: 'uint64s',
  maybe: 'optionalInt64',
  at: 'nanos',
  slot: 'seconds',
  day: 'days',
  usd: 'usd',
  share: 'double',
  words: 'stringMap',
  counts: 'countMap',
})
type Row = RowOf<typeof table>

const dictionary = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(fc.tuple(fc.string({ maxLength: 5 }), value), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs))

const rows = fc.array(
  fc.record<Row>({
    text: fc.string({ unit: 'grapheme', maxLength: 200 }),
    texts: fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }),
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    small: fc.integer({ min: -128, max: 127 }),
    kind: fc.nat(0xffff),
    lsn: fc.bigInt(0n, 2n ** 64n - 1n),
    numbers: fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { maxLength: 3 }),
    maybe: fc.option(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    at: fc.bigInt(0n, 2n ** 62n),
    slot: fc.nat(),
    day: fc.nat(0xffff),
    usd: fc.bigInt(-(10n ** 37n), 10n ** 37n),
    share: fc.double(),
    words: dictionary(fc.string()),
    counts: dictionary(fc.nat()),
  }),
  { minLength: 1, maxLength: 12 },
)

test('rows that are cut out of a block are the bytes that these rows alone would have', () => {
  fc.assert(
    fc.property(rows, fc.nat(), fc.nat(), (all, a, b) => {
      const from = a % all.length
      const to = from + 1 + (b % (all.length - from))
      const block = openNativeBlock(encodeNativeBlock(columnsOf(table), all))
      expect(block.rows).toBe(all.length)
      expect(block.cut(from, to)).toEqual(encodeNativeBlock(columnsOf(table), all.slice(from, to)))
    }),
  )
})

test('texts, numbers and ids of a row can be read where they stand', () => {
  fc.assert(
    fc.property(rows, fc.nat(), (all, n) => {
      const row = n % all.length
      const block = openNativeBlock(encodeNativeBlock(columnsOf(table), all))
      const expected = all[row]
      expect(block.cell('lsn', row)).toBe(expected?.lsn)
      expect(block.cell('id', row)).toBe(expected?.id)
      expect(block.cell('small', row)).toBe(BigInt(expected?.small ?? 0))
      expect(block.cell('text', row)).toBe(expected?.text)
      expect(block.cell('words', row)).toBeUndefined()
    }),
  )
})
