import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OutlayError } from '@outlay/core'
import { type CataloguePrices, driftReport, encodePackagedBook, readCatalogue } from '#src/index.ts'
import { at, compile, HEAD, model, overlaySources, seedBook, source } from './books.ts'

const now = at('2026-11-21')
const book = seedBook()

const read = (text: string, ours = book): CataloguePrices =>
  readCatalogue({ file: 'theirs', text, checkedAt: '2026-11-11' }, { book: ours, now })

const codeOf = (text: string): string => {
  try {
    read(text)
  } catch (error) {
    if (error instanceof OutlayError) return `${error.code} ${error.message}`
    throw error
  }
  return ''
}

describe('a catalogue is told apart by its content', () => {
  test('an overlay with its own tables', () => {
    const { format, sheets } = read(overlaySources().find(({ file }) => file.endsWith('seed.yaml'))?.text ?? '')
    expect(format).toBe('overlay')
    const report = driftReport(book, sheets, { now })
    expect(report).toMatchObject({ lines: [], unlisted: [], unknownSheets: [] })
    expect(report.compared).toBeGreaterThan(1_000)
  })

  test('an overlay that leaves the tables to the book', () => {
    const ours = compile(model())
    const text = `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
sources: {page: {url: "https://example.test", checked_at: "2026-11-20"}}
models:
${model({ sheets: ['{tier: standard, src: page, grade: A, cells: {input: "3"}}'] })}
`
    const { lines } = driftReport(ours, read(text, ours).sheets, { now })
    expect(lines).toMatchObject([{ meter: 'input', ours: '1', theirs: '3', theirAgeDays: 1, ourAgeDays: 20 }])
  })

  test('a price-rows.json', () => {
    const packaged = readFileSync(new URL('../price-rows.json', import.meta.url), 'utf8')
    const { format, sheets } = read(packaged)
    expect(format).toBe('price-rows')
    expect(driftReport(book, sheets, { now }).lines).toEqual([])
  })

  test('the feed of genai-prices: what it says itself, corrected, under our names, dated by each model', () => {
    const feed = [
      {
        id: 'openai',
        name: 'OpenAI',
        models: [
          {
            id: 'gpt-5.5',
            match: { equals: 'gpt-5.5' },
            prices_checked: '2026-11-01',
            prices: {
              input_mtok: { base: 5, tiers: [{ start: 271_999, price: 10 }] },
              output_mtok: { base: 31, tiers: [{ start: 271_999, price: 45 }] },
            },
          },
          { id: 'free', match: { equals: 'free' }, prices: { input_mtok: 0 } },
        ],
      },
      { id: 'stranger', name: 'x', models: [{ id: 'm', match: { equals: 'm' }, prices: { input_mtok: 1 } }] },
    ]
    const reading = read(JSON.stringify(feed))
    expect(reading.corrected).toEqual([expect.stringContaining('272,000')])
    expect(reading.notComparable).toEqual([{ where: 'openai/free', reason: 'free, or without a price' }])
    const report = driftReport(book, reading.sheets, { now })
    expect(report.lines).toMatchObject([{ meter: 'output', above: 0, ours: '30', theirs: '31', theirAgeDays: 20 }])
    expect(report.unknownSheets).toMatchObject([{ provider: 'stranger', model: 'm' }])
  })
})

describe('a file is refused', () => {
  test.each([
    ['text', 'hello'],
    ['a JSON object of something else', '{"a": 1}'],
    ['an empty object', '{}'],
    ['an array of something else', '[{"id": 1}]'],
    ['an empty array', '[]'],
    ['a JSON number', '7'],
  ])('if it is %s, with what is understood', (_, text) => {
    expect(codeOf(text)).toMatch(/^E_CATALOGUE theirs: .*LiteLLM.*genai-prices.*price-rows\.json.*outlay-prices\/1/)
  })

  test('if it is a broken one of a known format, with all that is wrong', () => {
    expect(
      codeOf(`${HEAD}models:\n${model({ sheets: ['{tier: bacth, src: page, grade: A, cells: {inptu: "1"}}'] })}`),
    ).toMatch(/^E_PRICE_BOOK .*2 problem/)
    expect(
      codeOf('[{"id": "openai", "models": [{"id": "m", "match": {"equals": "m"}, "prices": {"input_mtok": -1}}]}]'),
    ).toMatch(/^E_PRICE_BOOK .*negative/s)
    expect(codeOf('{"format": "outlay-price-rows/1"}')).toMatch(/^E_PACKAGED_BOOK/)
    const torn = encodePackagedBook(compile(source(model()).text.slice(source(model()).text.indexOf('- provider'))))
    expect(codeOf(torn.replace('"input"', '"inptu"'))).toMatch(/^E_CATALOGUE .*contradicts itself/)
  })
})
