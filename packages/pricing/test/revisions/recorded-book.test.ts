import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BookData,
  describeBookDiff,
  diffBooks,
  emptyRecordedBook,
  loadPackagedBook,
  priceUsage,
  recordRevision,
  type RecordedBook,
  visibleAt,
} from '#src/index.ts'
import { at, compile, model } from '../books.ts'

const bookOf = (input: string, window = '', names = 'one'): BookData =>
  compile(
    model({
      rest: `names: {exact: [${names}]}`,
      sheets: [`{tier: standard, src: page, grade: A, ${window} gt: [32000], cells: {input: "${input}"}}`],
    }),
  )

const record = (books: readonly BookData[]): RecordedBook => {
  const [first] = books
  if (first === undefined) throw new Error('want a book')
  return books.reduce<RecordedBook>(
    (book, next, index) => recordRevision(book, next, index + 1),
    emptyRecordedBook(first),
  )
}

/** Ids do not count: content that comes back has another one. */
const factsOf = ({ rows, names, bands }: BookData) => ({
  rows: new Set(rows.map((row) => JSON.stringify({ ...row, rowId: '', fusd: `${row.fusd}` }))),
  names: new Set(names),
  bands: new Set(bands),
})

const sameFacts = (a: BookData, b: BookData): void => expect(factsOf(a)).toEqual(factsOf(b))

const costAt = (book: BookData, slot: string): bigint | undefined => {
  const parts = { provider: 'acme', model: 'one', region: '', tier: 'standard', promptBand: 0 }
  return priceUsage(book, { parts, slot: at(slot), usage: { input: 1_000_000 } }).costFemto
}
const DOLLAR = 10n ** 15n

const anyBook = fc
  .record({
    input: fc.constantFrom('1', '2', '3'),
    from: fc.constantFrom('', 'from: "2026-01-01",', 'to: "2026-06-01",'),
    names: fc.constantFrom('one', 'uno', 'one, uno'),
  })
  .map(({ input, from, names }) => bookOf(input, from, names))

describe('knowledge has its own clock', () => {
  test('every revision shows for ever exactly the book that was recorded as it', () => {
    fc.assert(
      fc.property(fc.array(anyBook, { minLength: 1, maxLength: 8 }), (books) => {
        const recorded = record(books)
        for (const [index, book] of books.entries()) sameFacts(visibleAt(recorded, index + 1), book)
        expect(visibleAt(recorded, 0).rows).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('a later revision adds and closes, and edits nothing', () => {
    fc.assert(
      fc.property(fc.array(anyBook, { minLength: 2, maxLength: 6 }), (books) => {
        const before = record(books.slice(0, -1))
        const after = record(books)
        for (const kind of ['rows', 'names', 'bands'] as const) {
          const byId = new Map(after[kind].map((fact) => [fact.rowId, fact]))
          expect(byId.size).toBe(after[kind].length)
          for (const fact of before[kind]) {
            const now = byId.get(fact.rowId)
            const closed = fact.supersededIn === 0 && now?.supersededIn === books.length
            expect(now).toEqual(closed ? { ...fact, supersededIn: books.length } : fact)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a fact that comes back is another row and leaves the gap in which it was not known', () => {
    const recorded = record([bookOf('1'), bookOf('2'), bookOf('1')])
    const dollar = recorded.rows.filter(({ fact }) => fact.price === '1' && fact.band === 0)
    expect(dollar.map(({ revision, supersededIn }) => [revision, supersededIn])).toEqual([
      [1, 2],
      [3, 0],
    ])
    expect(new Set(dollar.map(({ rowId }) => rowId)).size).toBe(2)
    expect([1, 2, 3].map((revision) => costAt(visibleAt(recorded, revision), '2026-02-01'))).toEqual([
      DOLLAR,
      2n * DOLLAR,
      DOLLAR,
    ])
  })

  test('a correction that is learnt later reprices the past only for those who know it', () => {
    const learnt = compile(
      model({
        sheets: [
          '{tier: standard, src: page, grade: A, to: "2026-03-01", cells: {input: "1"}}',
          '{tier: standard, src: page, grade: A, from: "2026-03-01", cells: {input: "0.5"}}',
        ],
      }),
    )
    const recorded = record([bookOf('1'), learnt])
    expect(costAt(visibleAt(recorded, 1), '2026-04-01')).toBe(DOLLAR)
    expect(costAt(visibleAt(recorded, 2), '2026-04-01')).toBe(DOLLAR / 2n)
    expect(costAt(visibleAt(recorded, 2), '2026-02-28T23:30:00Z')).toBe(DOLLAR)
  })

  test('a cancelled scheduled price stays what was expected then', () => {
    const scheduled = compile(
      model({
        sheets: [
          '{tier: standard, src: page, grade: A, to: "2026-09-01", cells: {input: "2"}}',
          '{tier: standard, src: page, grade: A, from: "2026-09-01", cells: {input: "3"}}',
        ],
      }),
    )
    const recorded = record([scheduled, bookOf('2')])
    expect(costAt(visibleAt(recorded, 1), '2026-10-01')).toBe(3n * DOLLAR)
    expect(costAt(visibleAt(recorded, 2), '2026-10-01')).toBe(2n * DOLLAR)
  })

  test('a revision that does not follow is a programmer error', () => {
    const recorded = record([bookOf('1'), bookOf('2')])
    expect(() => recordRevision(recorded, bookOf('3'), 2)).toThrow(/^BUG: /)
  })

  test('the whole packaged book survives being recorded twice', () => {
    const book = loadPackagedBook()
    const recorded = record([book, book])
    expect(recorded.rows).toHaveLength(book.rows.length)
    expect(visibleAt(recorded, 2).rows).toEqual(book.rows)
  })
})

describe('the difference of two books', () => {
  test('is nothing between equal ones', () => {
    expect(describeBookDiff(diffBooks(bookOf('1'), bookOf('1')))).toEqual([])
  })

  test('names each price, name and band that changed, in words', () => {
    expect(describeBookDiff(diffBooks(bookOf('1'), bookOf('2', 'from: "2026-01-01",', 'uno')))).toEqual([
      '+ acme · name "uno" = one always',
      '- acme · name "one" = one always',
      '~ acme · one · standard · bands: above 32000 tokens always → above 32000 tokens from 2026-01-01',
      '~ acme · one · standard · input: 1 USD per 1000000 → 2 USD per 1000000, always → from 2026-01-01, page, grade A',
      '~ acme · one · standard · band 1 · input: 1 USD per 1000000 → 2 USD per 1000000, always → from 2026-01-01, page, grade A',
    ])
  })

  test('leads from one book to the other and back', () => {
    fc.assert(
      fc.property(anyBook, anyBook, (before, after) => {
        const { rows } = diffBooks(before, after)
        const gone = new Set(
          [...rows.removed, ...rows.changed.map((change) => change.before)].map(({ rowId }) => rowId),
        )
        const news = [...rows.added, ...rows.changed.map((change) => change.after)]
        const kept = before.rows.filter(({ rowId }) => !gone.has(rowId))
        const ids = [...kept, ...news].map(({ rowId }) => rowId)
        expect(new Set(ids)).toEqual(new Set(after.rows.map(({ rowId }) => rowId)))
      }),
    )
  })
})
