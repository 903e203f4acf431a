/** Blocks that are made a portion of rows at a time are the bytes that all rows at once would be. */
import { atOnce } from '@outlay/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeNativeBlock, NativeBlockEncoder } from '#src/native/native-block.ts'
import { type SpanRow, spansTable } from '#src/tables/ledger-tables.ts'
import { spanColumns, type WrittenSpan } from '#src/tables/span-columns.ts'
import { columnsOf, defineTable, type RowOf } from '#src/tables/table-shape.ts'

const table = defineTable('any', {
  text: 'string',
  day: 'days',
  maybe: 'optionalInt64',
  counts: 'countMap',
  ids: 'uint64s',
})
type Row = RowOf<typeof table>

/** Few names, so that rows often have those of the row before, some of them, or more. */
const names = fc.constantFrom('a', 'b', 'input', '__proto__', 'ü')
const dictionary = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(fc.tuple(names, value), { maxLength: 4 }).map((pairs) => {
    const entries = new Map(pairs)
    return Object.fromEntries(entries)
  })
const row = fc.record<Row>({
  text: fc.string({ unit: 'grapheme', maxLength: 50 }),
  day: fc.nat(0xffff),
  maybe: fc.option(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  ids: fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { maxLength: 3 }),
  counts: dictionary(fc.nat()),
})
/** Its last column is out of range, or a value of its map: what stands before it was written by then. */
const badRow = fc.oneof(
  row.map((good): Row => ({ ...good, ids: [-1n] })),
  row.map((good): Row => ({ ...good, counts: { ...good.counts, b: -1 } })),
)

const portions = fc.array(fc.record({ rows: fc.array(row, { maxLength: 5 }), bad: fc.option(badRow) }), {
  maxLength: 6,
})

describe('a block in portions', () => {
  test('holds the rows of all portions but those that hold a value out of range', () => {
    fc.assert(
      fc.property(portions, (all) => {
        const encoder = new NativeBlockEncoder<Row>(columnsOf(table))
        const isTaken = (rows: readonly Row[]): boolean => {
          try {
            atOnce(encoder.appending(rows))
            return true
          } catch {
            return false
          }
        }
        const taken = all.map(({ rows, bad }) => isTaken(bad === null ? rows : [...rows, bad]))
        expect(taken).toEqual(all.map(({ bad }) => bad === null))
        const good = all.flatMap(({ rows, bad }) => (bad === null ? rows : []))
        expect(encoder.rows).toBe(good.length)
        expect(atOnce(encoder.finishing())).toEqual(encodeNativeBlock(columnsOf(table), good))
      }),
      { numRuns: 300 },
    )
  })

  test('of more rows than one step takes is whole', () => {
    const rows = Array.from(
      { length: 1_000 },
      (_, n): Row => ({ text: String(n), day: n, maybe: null, ids: [], counts: {} }),
    )
    const encoder = new NativeBlockEncoder<Row>(columnsOf(table))
    const steps = [...encoder.appending(rows)].length
    expect(steps).toBeGreaterThan(1)
    expect(atOnce(encoder.finishing())).toEqual(encodeNativeBlock(columnsOf(table), rows))
  })
})

const EMPTY_SPAN: Omit<WrittenSpan, 'attributes'> = {
  authority: 'local',
  trace_id: '1'.repeat(32),
  span_id: '2'.repeat(16),
  parent_span_id: '0'.repeat(16),
  tenant: '',
  claimed_tenant: '',
  name: 'chat',
  kind: 3,
  status_code: 0,
  start_unix_nano: 1n,
  end_unix_nano: 2n,
  scope_name: '',
  scope_version: '',
  resource: {},
  received_at: 3n,
  wal_id: 'log',
  lsn: 1n,
  pos: 0,
}

const value = fc.oneof(fc.string(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.double(), fc.boolean())

const ofType = (attributes: WrittenSpan['attributes'], type: string): Record<string, never> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([key, each]) =>
      typeof each === type ? [[key, (typeof each === 'boolean' ? Number(each) : each) as never]] : [],
    ),
  )

test('attributes of all types become the maps that they would be apart', () => {
  fc.assert(
    fc.property(fc.array(dictionary(value), { maxLength: 8 }), (all) => {
      const written = all.map((attributes): WrittenSpan => ({ ...EMPTY_SPAN, attributes }))
      const apart = all.map(
        (attributes): SpanRow => ({
          ...EMPTY_SPAN,
          attributes_string: ofType(attributes, 'string'),
          attributes_int: ofType(attributes, 'bigint'),
          attributes_double: ofType(attributes, 'number'),
          attributes_bool: ofType(attributes, 'boolean'),
        }),
      )
      expect(encodeNativeBlock(spanColumns, written)).toEqual(encodeNativeBlock(columnsOf(spansTable), apart))
    }),
    { numRuns: 300 },
  )
})

test('attributes of a portion that is out of range leave nothing in any of the maps', () => {
  const written = (attributes: WrittenSpan['attributes']): WrittenSpan => ({ ...EMPTY_SPAN, attributes })
  const good = written({ text: 'x', number: 1n, share: 0.5, yes: true })
  const encoder = new NativeBlockEncoder<WrittenSpan>(spanColumns)
  atOnce(encoder.appending([good]))
  const bad = written({ text: 'y', number: 2n ** 63n, share: 0.7, yes: false })
  expect(() => atOnce(encoder.appending([bad]))).toThrow('out of range')
  atOnce(encoder.appending([good]))
  expect(atOnce(encoder.finishing())).toEqual(encodeNativeBlock(spanColumns, [good, good]))
})
