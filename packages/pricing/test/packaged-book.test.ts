import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compilePriceBook, encodePackagedBook, loadPackagedBook, type PriceRow } from '#src/index.ts'
import { decodePackagedBook } from '#src/packaged-format.ts'
import { compile, model, overlaySources } from './books.ts'

const committed = readFileSync(new URL('../price-rows.json', import.meta.url), 'utf8')

describe('the committed price-rows.json', () => {
  test('is what the overlays compile to; if not, run `node packages/pricing/scripts/compile.ts`', () => {
    expect(committed === encodePackagedBook(compilePriceBook(overlaySources()))).toBe(true)
  })

  test('does not depend on the order of the files', () => {
    expect(committed === encodePackagedBook(compilePriceBook(overlaySources().toReversed()))).toBe(true)
  })

  test('loads to the very book that was compiled', () => {
    const compiled = compilePriceBook(overlaySources())
    const { foldings, ...packaged } = loadPackagedBook()
    expect({ ...packaged, foldings: undefined }).toEqual({ ...compiled, foldings: undefined })
    expect(foldings).toEqual(compiled.foldings)
  })

  test('has one price per line', () => {
    const { rows } = JSON.parse(committed) as { rows: unknown[] }
    const text = committed.slice(committed.indexOf('"rows"'))
    expect(text.split('\n').filter((line) => line.startsWith('  ['))).toHaveLength(rows.length)
  })

  test('of another format is refused', () => {
    const other = committed.replace('outlay-price-rows/2', 'outlay-price-rows/9')
    expect(() => decodePackagedBook(other)).toThrow(expect.objectContaining({ code: 'E_PACKAGED_BOOK' }))
  })
})

test('a book of one model survives the way through the file', () => {
  const book = compile(
    model({
      sheets: ['{tier: standard, src: page, grade: A, gt: [32000], note: "as printed", cells: {input: ["0.50", "1"]}}'],
    }),
  )
  expect(decodePackagedBook(encodePackagedBook(book))).toEqual(book)
})

test('row ids are unique, and a row that differs in anything is another row', () => {
  const { rows } = loadPackagedBook()
  expect(new Set(rows.map(({ rowId }) => rowId)).size).toBe(rows.length)
  const idOf = (note: string): PriceRow | undefined =>
    compile(model({ sheets: [`{tier: standard, src: page, grade: A, note: "${note}", cells: {input: "1"}}`] })).rows[0]
  expect(idOf('a')?.rowId).toBe(idOf('a')?.rowId)
  expect(idOf('a')?.rowId).not.toBe(idOf('b')?.rowId)
})

test('the cancelled rise of Sonnet 5 is no row', () => {
  const inputs = loadPackagedBook().rows.filter(
    ({ provider, model, tier, region, meter }) =>
      provider === 'anthropic' &&
      model === 'claude-sonnet-5' &&
      tier === 'standard' &&
      region === '' &&
      meter === 'input',
  )
  expect(inputs.map(({ price }) => price)).toEqual(['2'])
})
