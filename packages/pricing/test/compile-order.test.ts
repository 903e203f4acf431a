import type { Meter } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { type CompiledBook, compilePriceBook, OPEN_END, type PriceRow } from '#src/index.ts'
import { at, compile, model, source } from './books.ts'

const rowsOf = (book: CompiledBook, key: Partial<PriceRow> & { meter: Meter }): readonly PriceRow[] =>
  book.rows.filter((row) => Object.entries(key).every(([field, value]) => row[field as keyof PriceRow] === value))

const pricesOf = (book: CompiledBook, key: Partial<PriceRow> & { meter: Meter }) =>
  rowsOf(book, key).map(({ price, derivedFrom }) => [price, derivedFrom])

const BATCH = '{tier: batch, of: standard, times: "0.5", src: page, grade: B}'
const US = '{regions: [us], times: "1.1", src: page, grade: C}'

describe('published cells win over multipliers, multipliers over inheritance', () => {
  const book = compile(
    model({
      rest: 'inherit: {output_reasoning: output, cache_read: input}',
      sheets: [
        '{tier: standard, src: page, grade: A, cells: {input: "1", output: "4", output_reasoning: "3", web_search: "10"}}',
        '{tier: batch, src: page, grade: A, cells: {output: "2.5"}}',
      ],
      derive: [BATCH, US],
    }),
  )

  test('a published batch cell is not the multiplied one', () => {
    expect(pricesOf(book, { tier: 'batch', region: '', meter: 'output' })).toEqual([['2.5', 'published']])
  })

  test('a multiplier wins over inheritance', () => {
    expect(pricesOf(book, { tier: 'batch', region: '', meter: 'output_reasoning' })).toEqual([
      ['1.5', '× 0.5 of standard'],
    ])
  })

  test('inheritance comes last and says from what, through all steps', () => {
    expect(pricesOf(book, { tier: 'batch', region: 'us', meter: 'cache_read' })).toEqual([
      ['0.55', 'inherit cache_read ← input (× 0.5 of standard, × 1.1 for the region)'],
    ])
  })

  test('a region multiplies published and derived tiers alike', () => {
    expect(pricesOf(book, { tier: 'batch', region: 'us', meter: 'output' })).toEqual([['2.75', '× 1.1 for the region']])
  })

  test('calls and durations are copied unchanged', () => {
    expect(pricesOf(book, { tier: 'batch', region: 'us', meter: 'web_search' })).toEqual([
      ['10', 'same of standard, same for the region'],
    ])
  })

  test('a derived row is only as sure as the weaker of its two facts', () => {
    expect(rowsOf(book, { tier: 'batch', region: 'us', meter: 'input' })[0]?.grade).toBe('C')
  })
})

test('a cell published for half a period wins for that half only', () => {
  const book = compile(
    model({
      sheets: [
        '{tier: standard, src: page, grade: A, from: "2026-01-01", cells: {input: "1"}}',
        '{tier: batch, src: page, grade: A, from: "2026-03-01", to: "2026-05-01", cells: {input: "0.4"}}',
      ],
      derive: [BATCH],
    }),
  )
  const windows = rowsOf(book, { tier: 'batch', meter: 'input' }).map((row) => [row.price, row.validFrom, row.validTo])
  expect(windows).toEqual([
    ['0.5', at('2026-01-01'), at('2026-03-01')],
    ['0.4', at('2026-03-01'), at('2026-05-01')],
    ['0.5', at('2026-05-01'), OPEN_END],
  ])
})

test('"not listed" blocks multipliers and inheritance, also on the sheets that are derived from it', () => {
  const book = compile(
    model({
      rest: 'inherit: {cache_read: input}',
      sheets: [
        '{tier: standard, src: page, grade: A, cells: {input: "1", cache_read: null}}',
        '{tier: batch, src: page, grade: A, cells: {input: null}}',
      ],
      derive: [BATCH, US],
    }),
  )
  expect(rowsOf(book, { meter: 'cache_read' })).toEqual([])
  expect(rowsOf(book, { tier: 'batch', meter: 'input' })).toEqual([])
  expect(pricesOf(book, { tier: 'standard', region: 'us', meter: 'input' })).toEqual([['1.1', '× 1.1 for the region']])
})

test('a cell without a list of bands holds in every band, a list holds one price per band', () => {
  const book = compile(
    model({ sheets: ['{tier: standard, src: page, grade: A, gt: [32000], cells: {input: ["1", null], output: "2"}}'] }),
  )
  expect(book.rows.map(({ band, meter, price }) => [band, meter, price])).toEqual([
    [0, 'input', '1'],
    [0, 'output', '2'],
    [1, 'output', '2'],
  ])
  expect(book.bands).toEqual([
    {
      card: 'list',
      provider: 'acme',
      model: 'one',
      region: '',
      tier: 'standard',
      gt: [32000],
      validFrom: 0,
      validTo: OPEN_END,
    },
  ])
})

test('chains of inheritance do not depend on the order in which they are written', () => {
  const sheets = ['{tier: standard, src: page, grade: A, cells: {input: "1"}}']
  const one = compile(model({ rest: 'inherit: {cache_read_image: cache_read, cache_read: input}', sheets }))
  const other = compile(model({ rest: 'inherit: {cache_read: input, cache_read_image: cache_read}', sheets }))
  expect(one.rows).toEqual(other.rows)
  expect(rowsOf(one, { meter: 'cache_read_image' })).toHaveLength(1)
})

test('a model may be declared in several files, and the order of files does not matter', () => {
  const prices = source(model())
  const rules = {
    ...source(model({ rest: 'inherit: {output_reasoning: output}', derive: [BATCH] })),
    file: 'rules.yaml',
  }
  const names = { ...rules, text: rules.text.replace(/ {2}sheets:\n.*\n/, '') }
  const book = compilePriceBook([prices, names])
  expect(book.rows.map(({ tier, meter }) => `${tier} ${meter}`)).toEqual([
    'batch input',
    'batch output',
    'batch output_reasoning',
    'standard input',
    'standard output',
    'standard output_reasoning',
  ])
  expect(compilePriceBook([names, prices]).rows).toEqual(book.rows)
})

test('the price of one unit is exact: whole femto-dollars, and ninths where a price is quoted per hour', () => {
  const book = compile(
    model({
      sheets: ['{tier: standard, src: page, grade: A, cells: {cache_read: "0.003625", container_second: "0.05"}}'],
    }),
  )
  expect(book.rows.map(({ fusd, ninths }) => [fusd, ninths])).toEqual([
    [3_625_000n, 0],
    [13_888_888_888n, 8],
  ])
})
