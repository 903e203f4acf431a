import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addToList,
  cellsOnSheets,
  closedByHand,
  emptyRecordedBook,
  type Facts,
  flattenBook,
  type NextBook,
  priceUsage,
  type PriceRow,
  type RecordedBook,
  recordRevision,
  validateRows,
  visibleAt,
  withContract,
  withEdition,
  withoutRow,
} from '#src/index.ts'
import { at, compile, model } from '../books.ts'

const EDITION = compile(
  model({
    sheets: ['{tier: standard, src: page, grade: A, gt: [32000], cells: {input: ["1", "2"], output: "4"}}'],
  }),
)
const SLOT = 1_800
const FIRST = at('2026-01-01')
const slotAt = (slot: number): number => FIRST + slot * SLOT

const seeded = recordRevision(emptyRecordedBook(EDITION), EDITION, 1)

const record = (book: RecordedBook, change: (book: RecordedBook, latest: number) => NextBook): RecordedBook => {
  const latest = lastOf(book)
  const { book: next, local } = change(book, latest)
  expect(validateRows(next)).toEqual([])
  return recordRevision(book, next, latest + 1, local)
}

const lastOf = ({ rows, contracts }: RecordedBook): number =>
  Math.max(...[...rows, ...contracts].map(({ revision, supersededIn }) => Math.max(revision, supersededIn)))

const cell = (price: string, from: number, to: number, band = 0): PriceRow => {
  const base = EDITION.rows.find((row) => row.meter === 'input' && row.band === band) as PriceRow
  return { ...base, price, fusd: BigInt(price) * 1_000_000_000n, validFrom: slotAt(from), validTo: slotAt(to) }
}

const add =
  (row: PriceRow) =>
  (book: RecordedBook, latest: number): NextBook =>
    addToList(book, latest, cellsOnSheets(book, latest, [row]))

/** Dollars of a million input tokens of a short prompt at a slot; undefined without a price. */
const priceAt = (book: RecordedBook, slot: number, revision = lastOf(book), tenant?: string): number | undefined => {
  const scope = tenant === undefined ? {} : { tenant }
  const { costFemto } = priceUsage(flattenBook(visibleAt(book, revision), scope), {
    parts: { provider: 'acme', model: 'one', region: '', tier: 'standard', promptBand: 0 },
    slot: slotAt(slot),
    usage: { input: 1_000_000 },
  })
  return costFemto === undefined ? undefined : Number(costFemto / 10n ** 15n)
}

const SLOTS = 24
const anyCell = fc
  .record({
    price: fc.integer({ min: 3, max: 9 }),
    from: fc.nat(SLOTS - 1),
    length: fc.integer({ min: 1, max: SLOTS }),
  })
  .map(({ price, from, length }) => ({ price, from, to: Math.min(SLOTS, from + length) }))

describe('a price that is added', () => {
  test('holds in its window and nowhere else, and no revision before it moves', () => {
    fc.assert(
      fc.property(fc.array(anyCell, { minLength: 1, maxLength: 6 }), (cells) => {
        let book = seeded
        const expected: number[][] = [Array.from({ length: SLOTS }, () => 1)]
        for (const { price, from, to } of cells) {
          const before = book
          book = record(book, add(cell(`${price}`, from, to)))
          const last = expected.at(-1) ?? []
          expected.push(last.map((old, slot) => (from <= slot && slot < to ? price : old)))
          // A change that says what holds already adds and closes nothing.
          if (lastOf(book) === lastOf(before)) expected.pop()
        }
        for (const [index, prices] of expected.entries()) {
          expect(prices.map((_, slot) => priceAt(book, slot, index + 1))).toEqual(prices)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('is gone again when its row is closed: what was known before it holds', () => {
    fc.assert(
      fc.property(anyCell, anyCell, (first, second) => {
        const once = record(seeded, add(cell(`${first.price}`, first.from, first.to)))
        const twice = record(once, add(cell(`${second.price}`, second.from, second.to)))
        if (lastOf(twice) === lastOf(once)) return
        const own = visibleAt(twice, lastOf(twice)).rows.find(
          (row) => row.band === 0 && row.meter === 'input' && row.validFrom === slotAt(second.from),
        )
        const undone = record(twice, (book, latest) => withoutRow(book, latest, { rowId: own?.rowId ?? 0n }).next)
        for (let slot = 0; slot < SLOTS; slot += 1) expect(priceAt(undone, slot)).toBe(priceAt(once, slot))
      }),
      { numRuns: 60 },
    )
  })

  test('keeps the thresholds of its sheet, and a flat sheet laid over a banded one is flat', () => {
    const dearer = record(seeded, add(cell('7', 0, SLOTS, 1)))
    expect(visibleAt(dearer, 2).bands).toEqual(EDITION.bands)
    const flat = compile(
      model({ sheets: ['{tier: standard, src: page, grade: A, from: "2026-01-01", cells: {input: "3"}}'] }),
    )
    const facts: Facts = { ...flat, names: [] }
    const laid = record(seeded, (book, latest) => addToList(book, latest, facts))
    const now = visibleAt(laid, 2)
    expect(now.bands.map(({ validTo }) => validTo)).toEqual([at('2026-01-01')])
    expect(now.rows.filter(({ band, validTo }) => band === 1 && validTo > at('2026-01-01'))).toEqual([])
    expect(priceAt(laid, 1)).toBe(3)
    // The sheet is whole: output, which it does not list, has no price any more.
    expect(now.rows.some(({ meter, validTo }) => meter === 'output' && validTo > at('2026-01-01'))).toBe(false)
  })
})

describe('a new edition', () => {
  const dearer = compile(
    model({ sheets: ['{tier: standard, src: page, grade: A, gt: [32000], cells: {input: ["5", "6"], output: "4"}}'] }),
  )

  test('replaces what the catalogue said, under the prices that were added here', () => {
    const own = record(seeded, add(cell('9', 4, 8)))
    const updated = record(own, (book, latest) =>
      withEdition(book, latest, { edition: dearer, closedByHand: new Set() }),
    )
    expect([0, 3, 4, 7, 8].map((slot) => priceAt(updated, slot))).toEqual([5, 5, 9, 9, 5])
    expect([0, 4].map((slot) => priceAt(updated, slot, 2))).toEqual([1, 9])
  })

  test('that says the same changes nothing', () => {
    const { book } = withEdition(seeded, 1, { edition: EDITION, closedByHand: new Set() })
    expect(recordRevision(seeded, book, 2)).toEqual(seeded)
  })

  test('does not bring back a row that was closed by hand', () => {
    const row = visibleAt(seeded, 1).rows.find(({ meter, band }) => meter === 'input' && band === 0)
    const closed = record(
      seeded,
      (book, latest) => withoutRow(book, latest, { rowId: row?.rowId ?? 0n, leaveGap: true }).next,
    )
    expect(priceAt(closed, 1)).toBeUndefined()
    const again = withEdition(closed, 2, { edition: EDITION, closedByHand: closedByHand(closed, [2]) })
    expect(recordRevision(closed, again.book, 3)).toEqual(closed)
    const forgetful = withEdition(closed, 2, { edition: EDITION, closedByHand: new Set() })
    expect(priceAt(recordRevision(closed, forgetful.book, 3), 1)).toBe(1)
  })
})

describe('a contract', () => {
  const HALF = {
    card: 'tenant:acme',
    file: 'acme.yaml',
    text: `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
card: "tenant:acme"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
rules: [{multiplier: "2", src: signed, grade: A}]
`,
  }

  test('is resolved again whenever the list under it moves', () => {
    const signed = record(seeded, (book, latest) => withContract(book, latest, HALF))
    expect([priceAt(signed, 5), priceAt(signed, 5, 2, 'acme'), priceAt(signed, 5, 2, 'globex')]).toEqual([1, 2, 1])
    const moved = record(signed, add(cell('3', 4, 8)))
    expect([4, 8].map((slot) => priceAt(moved, slot, 3, 'acme'))).toEqual([6, 2])
    expect(priceAt(moved, 4, 2, 'acme')).toBe(2)
  })
})
