import { describe, expect, test } from 'vitest'
import { type BookData, loadPackagedBook, type PriceRow, validateRows } from '#src/index.ts'
import { at, compile, model } from './books.ts'

const book = compile(
  model({ sheets: ['{tier: standard, src: page, grade: A, gt: [32000], cells: {input: ["1", "2"]}}'] }),
)
const [row] = book.rows

const codesOf = (change: Partial<BookData>): string[] => validateRows({ ...book, ...change }).map(({ code }) => code)
const withRow = (change: Partial<PriceRow>): Partial<BookData> => ({
  rows: row === undefined ? [] : [...book.rows.slice(1), { ...row, ...change }],
})

test('a compiled book may be stored', () => {
  expect(validateRows(book)).toEqual([])
  expect(validateRows(loadPackagedBook())).toEqual([])
})

describe('rows are refused before they are stored for', () => {
  test('two visible rows of one key that overlap, but not for a gap', () => {
    const split = (to: number, from: number): Partial<BookData> =>
      row === undefined ? {} : { rows: [...book.rows.slice(1), { ...row, validTo: to }, { ...row, validFrom: from }] }
    expect(codesOf(split(at('2026-02-01'), at('2026-01-31')))).toEqual(['E_OVERLAP'])
    expect(codesOf(split(at('2026-01-31'), at('2026-01-31')))).toEqual([])
    expect(codesOf(split(at('2026-01-31'), at('2026-02-01')))).toEqual([])
  })

  test('an edge inside a slot, or a window that is none', () => {
    expect(codesOf(withRow({ validFrom: 1801 }))).toEqual(['E_OFF_SLOT'])
    expect(codesOf(withRow({ validFrom: 3600, validTo: 3600 }))).toEqual(['E_WINDOW'])
  })

  test('a threshold off the band edges', () => {
    expect(codesOf({ bands: book.bands.map((sheet) => ({ ...sheet, gt: [150_000] })) })).toEqual(['E_NOT_AN_EDGE'])
  })

  test('thresholds of one sheet that overlap in time', () => {
    expect(codesOf({ bands: [...book.bands, ...book.bands] })).toEqual(['E_THRESHOLDS_DIFFER'])
  })

  test('a band that no thresholds lead to', () => {
    expect(codesOf({ bands: [] })).toEqual(['E_BANDS'])
  })

  test('femto-dollars or ninths that do not follow from the quote', () => {
    expect(codesOf(withRow({ fusd: 1n }))).toEqual(['E_DERIVED'])
    expect(codesOf(withRow({ ninths: 1 }))).toEqual(['E_DERIVED'])
  })

  test('two currencies on one sheet', () => {
    expect(codesOf(withRow({ currency: 'CNY' }))).toEqual(['E_TWO_CURRENCIES'])
  })
})
