import { describe, expect, test } from 'vitest'
import {
  type BookData,
  catalogueText,
  compilePriceBook,
  type FeedOptions,
  PriceBookError,
  type PriceBookProblem,
  type PriceRow,
  readPriceFeed,
} from '#src/index.ts'
import { at, overlaySources } from './books.ts'

const head = { edition: '2026-11-21', source: 'feed', url: 'https://example.test/feed', checkedAt: '2026-11-01' }

const HEAD = `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
band_edges: [0, 32000, 100000, 127999, 128000, 199999, 200000, 256000, 272000]
`

const foldings = {
  file: 'identity.yaml',
  text: overlaySources().find(({ file }) => file.endsWith('identity.yaml'))?.text ?? '',
}

const TABLES = {
  file: 'tables.yaml',
  text: `${HEAD}tiers:
  anthropic: {standard: standard}
  openai: {standard: standard}
  google: {standard: standard}
  aws: {standard: standard}
  deepseek: {standard: standard}
regions:
  anthropic: {"": ""}
  openai: {"": ""}
  google: {"": ""}
  aws: {"": "", geo: geo, regional: regional, gov: gov}
  deepseek: {"": ""}
`,
}

interface FeedEntry {
  readonly id: string
  readonly prices: unknown
  readonly [key: string]: unknown
}

const feedOf = (provider: string, models: readonly FeedEntry[]): unknown[] => [
  { id: provider, models: models.map((model) => ({ match: { equals: model.id }, ...model })) },
]

const bookOf = (provider: string, models: readonly FeedEntry[], options: FeedOptions = {}): BookData => {
  const text = catalogueText(readPriceFeed(feedOf(provider, models), options).models, head)
  return compilePriceBook([TABLES, foldings, { file: 'catalogue.yaml', text }])
}

const cells = (book: BookData, wanted: Partial<PriceRow>): string[] =>
  book.rows
    .filter((row) => Object.entries(wanted).every(([key, value]) => row[key as keyof PriceRow] === value))
    .map(({ price }) => price)

const problemsOf = (entry: FeedEntry): readonly PriceBookProblem[] => {
  try {
    readPriceFeed(feedOf('openai', [entry]))
  } catch (error) {
    if (error instanceof PriceBookError) return error.problems
    throw error
  }
  return []
}

const codesOf = (prices: unknown, more: object = {}): string[] =>
  problemsOf({ id: 'm', prices, ...more }).map(({ code }) => code)

describe('a feed is refused as a whole for', () => {
  test.each([
    ['a negative price', { input_mtok: -1 }, 'E_DECIMALS'],
    ['NaN', { input_mtok: Number.NaN }, 'E_DECIMALS'],
    ['infinity', { input_mtok: Number.POSITIVE_INFINITY }, 'E_DECIMALS'],
    ['more than nine decimals', { input_mtok: 0.0123456789 }, 'E_DECIMALS'],
    ['a price far below a femto-dollar', { input_mtok: 3.0001999999999996e-7 }, 'E_DECIMALS'],
    ['a unit that no meter counts', { input_furlongs: 1 }, 'E_UNKNOWN_METER'],
    ['text', { input_mtok: '1' }, 'E_FORMAT'],
  ])('%s', (_, prices, code) => {
    expect(codesOf(prices)).toContain(code)
  })

  test('a key or a constraint that nobody knows', () => {
    expect(codesOf({ input_mtok: 1 }, { discount: 1 })).toEqual(['E_UNKNOWN_KEY'])
    expect(codesOf([{ constraint: { weekday: 'monday' }, prices: { input_mtok: 1 } }])).not.toEqual([])
  })

  test('thresholds that differ between the meters of one model', () => {
    const banded = (start: number) => ({ base: 1, tiers: [{ start, price: 2 }] })
    expect(codesOf({ input_mtok: banded(200_000), output_mtok: banded(128_000) })).toEqual(['E_THRESHOLDS_DIFFER'])
  })

  test('all of its problems at once, each with provider and model', () => {
    const problems = problemsOf({ id: 'm', prices: { input_mtok: -1, output_mtok: Number.NaN } })
    expect(problems.map(({ where }) => where)).toEqual(['openai/m', 'openai/m'])
  })
})

test('float noise of a feed is cut off once, and the price is exact from there on', () => {
  const book = bookOf('openai', [{ id: 'm', prices: { input_mtok: 0.180_000_000_000_000_02, output_mtok: 2e-7 } }])
  expect(cells(book, { meter: 'input' })).toEqual(['0.18'])
  expect(() => bookOf('openai', [{ id: 'm', prices: { input_mtok: 1e-9 } }])).not.toThrow()
})

test('free models and aggregators are left out unless asked for, and named', () => {
  const free = { id: 'gift', prices: { input_mtok: 0, output_mtok: 0 } }
  expect(readPriceFeed(feedOf('openai', [free])).dropped).toEqual([
    { provider: 'openai', model: 'gift', reason: 'free, or without a price' },
  ])
  expect(readPriceFeed(feedOf('openai', [free]), { keepFree: true }).models).toHaveLength(1)
  const resold = feedOf('openrouter', [{ id: 'a/b', prices: { input_mtok: 1 } }])
  expect(readPriceFeed(resold).models).toHaveLength(0)
  expect(readPriceFeed(resold, { aggregators: ['openrouter'] }).models).toHaveLength(1)
})

test('a model that charges what no counter tells stays unpriced as a whole', () => {
  const { models, dropped } = readPriceFeed(
    feedOf('openai', [{ id: 'm', prices: { input_mtok: 1, requests_kcount: 5 } }]),
  )
  expect(models).toEqual([])
  expect(dropped[0]?.reason).toContain('requests_kcount')
})

test('what another file says about a model or a name, the catalogue does not', () => {
  const own = {
    file: 'own.yaml',
    text: `${HEAD}sources: {page: {url: "https://example.test", checked_at: "2026-11-01"}}
models:
- provider: anthropic
  model: claude-sonnet-9
  names: {exact: [claude-sonnet-9, taken], snapshot: yyyymmdd}
  sheets:
  - {tier: standard, src: page, grade: A, cells: {input: "3"}}
`,
  }
  const feed = feedOf('anthropic', [
    { id: 'claude-sonnet-9', prices: { input_mtok: 99, output_mtok: 99 } },
    { id: 'claude-sonnet-9-20260101', prices: { input_mtok: 98 } },
    { id: 'other', match: { or: [{ equals: 'taken' }, { equals: 'free' }] }, prices: { input_mtok: 97 } },
  ])
  const catalogue = { file: 'catalogue.yaml', text: catalogueText(readPriceFeed(feed).models, head) }
  const book = compilePriceBook([TABLES, own, catalogue])
  expect(cells(book, { model: 'claude-sonnet-9' })).toEqual(['3'])
  expect(book.names.map(({ name, model }) => `${name} = ${model}`)).toEqual([
    'claude-sonnet-9 = claude-sonnet-9',
    'claude-sonnet-9 = claude-sonnet-9',
    'free = other',
    'other = other',
    'taken = claude-sonnet-9',
  ])
})

describe('known defects of genai-prices 0.1.8 are corrected', () => {
  const banded = { base: 5, tiers: [{ start: 271_999, price: 10 }] }

  test('OpenAI long context begins strictly above 272,000', () => {
    const book = bookOf('openai', [{ id: 'gpt-5.5', prices: { input_mtok: banded } }])
    expect(book.bands.map(({ gt }) => gt)).toEqual([[272_000]])
  })

  test('cached input of o3 was 2.50 before 2025-06-10', () => {
    const book = bookOf('openai', [
      {
        id: 'o3',
        prices: [
          { prices: { input_mtok: 10, cache_read_mtok: 0.5 } },
          { constraint: { start_date: '2025-06-10' }, prices: { input_mtok: 2, cache_read_mtok: 0.5 } },
        ],
      },
    ])
    expect(cells(book, { meter: 'cache_read', validTo: at('2025-06-10') })).toEqual(['2.5'])
    expect(cells(book, { meter: 'cache_read', validFrom: at('2025-06-10') })).toEqual(['0.5'])
  })

  test('prices by the time of day are not taken: calendars are authored here', () => {
    const prices = [
      { prices: { input_mtok: 1 } },
      { constraint: { start_time: '01:00:00Z', end_time: '04:00:00Z' }, prices: { input_mtok: 2 } },
    ]
    expect(readPriceFeed(feedOf('deepseek', [{ id: 'deepseek-v4-pro', prices }])).models).toEqual([])
  })

  test('a prefix becomes the one name that it spells, and no rule', () => {
    const match = { or: [{ starts_with: 'claude-sonnet-5' }, { starts_with: 'claude-5-' }] }
    const book = bookOf('anthropic', [{ id: 'claude-sonnet-5', match, prices: { input_mtok: 2 } }])
    expect(book.names.map(({ name, rule }) => [name, rule])).toEqual([
      ['claude-sonnet-5', 'exact'],
      ['claude-sonnet-5', 'yyyymmdd'],
    ])
  })

  test('Gemini 3.6 Flash was 1.50 / 7.50 until about 2026-08-13', () => {
    const book = bookOf('google', [
      {
        id: 'gemini-3.6-flash',
        prices: [
          { prices: { input_mtok: 0.75, output_mtok: 3.75 } },
          { constraint: { start_date: '2027-01-01' }, prices: { input_mtok: 1.5, output_mtok: 7.5 } },
        ],
      },
    ])
    const windows = book.rows.filter(({ meter }) => meter === 'output').map(({ price, validTo }) => [price, validTo])
    expect(windows.slice(0, 2)).toEqual([
      ['7.5', at('2026-08-13')],
      ['3.75', at('2027-01-01')],
    ])
  })

  test('mistral-large-latest is Mistral Large 3 since it moved', () => {
    const book = bookOf('mistral', [
      { id: 'mistral-large', match: { equals: 'mistral-large-latest' }, prices: { input_mtok: 2 } },
      { id: 'mistral-large-2512', prices: { input_mtok: 0.5 } },
    ])
    const moves = book.names.filter(({ name }) => name === 'mistral-large-latest')
    expect(moves.map(({ model, validTo }) => [model, validTo > at('2026-01-01')])).toEqual([
      ['mistral-large', false],
      ['mistral-large-2512', true],
    ])
  })

  test('Claude on Bedrock: geo and in-region as listed, GovCloud 1.2×, one-hour writes 2× input', () => {
    const book = bookOf('aws', [
      { id: 'global.anthropic.claude-opus-4-5-v1:0', prices: { input_mtok: 5, cache_write_mtok: 6.25 } },
      { id: 'regional.anthropic.claude-opus-4-5-v1:0', prices: { input_mtok: 5.5, cache_write_mtok: 6.875 } },
    ])
    const inputIn = (region: string): string[] => cells(book, { region, meter: 'input' })
    expect(['', 'geo', 'regional', 'gov'].map(inputIn)).toEqual([['5'], ['5.5'], ['5.5'], ['6']])
    expect(cells(book, { region: '', meter: 'cache_write_1h' })).toEqual(['10'])
    expect(cells(book, { region: 'geo', meter: 'cache_write_1h' })).toEqual(['11'])
    expect(cells(book, { region: 'geo', meter: 'cache_write_unknown' })).toEqual([])
  })

  test("an aggregator's price on a provider's own page is left out", () => {
    const price_comments = 'Imported from OpenRouter pricing; verify against OpenAI pricing.'
    const { dropped } = readPriceFeed(feedOf('openai', [{ id: 'gpt-oss', price_comments, prices: { input_mtok: 1 } }]))
    expect(dropped).toHaveLength(1)
  })

  test('a meter without a price gets no neighbour’s price', () => {
    const book = bookOf('openai', [{ id: 'm', prices: { input_mtok: 1, output_mtok: 2 } }])
    expect(cells(book, { meter: 'cache_read' })).toEqual([])
    expect(cells(book, { meter: 'output_audio' })).toEqual([])
  })
})
