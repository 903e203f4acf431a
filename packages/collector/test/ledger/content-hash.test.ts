/** What was posted carries its digest for ever: however it is computed, it must stay the same. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentHash } from '../../src/ledger/content-hash.ts'

/** As the first version of the ledger digested rows. */
const firstDigestOf = (row: object, columns: readonly string[]): string => {
  const said = Object.fromEntries(columns.map((column) => [column, Reflect.get(row, column) as unknown]))
  const text = JSON.stringify(said, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

const COLUMNS = ['text', 'count', 'wide', 'flags', 'units', 'double']

const anyRow = fc.record({
  text: fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('', '"', '\\', '\u007f', '\ud800', 'ü')),
  count: fc.oneof(fc.integer(), fc.nat(), fc.constantFrom(0, -0, Number.MAX_SAFE_INTEGER)),
  wide: fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }),
  flags: fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
  units: fc.dictionary(fc.string(), fc.nat(), { maxKeys: 3 }),
  double: fc.double(),
})

describe('the digest of what a row says', () => {
  test('is that of its JSON, with wide integers as text', () => {
    const digest = contentHash(COLUMNS)
    fc.assert(
      fc.property(anyRow, (row) => {
        expect(digest(row)).toBe(firstDigestOf(row, COLUMNS))
      }),
      { numRuns: 500 },
    )
  })

  test('is of the chosen columns alone', () => {
    const digest = contentHash(['a', 'b'])
    expect(digest({ b: 2, a: 1, c: 3 })).toBe(digest({ a: 1, b: 2 }))
    expect(digest({ a: 1, b: 2 })).not.toBe(digest({ a: 2, b: 1 }))
  })
})
