import { readFileSync } from 'node:fs'
import { divideHalfEven, formatUsd, type Meter, parseUsd } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import {
  askPrice,
  type BookData,
  buildPriceWindows,
  explainUsage,
  loadPackagedBook,
  parsePriceQuestion,
  priceUsage,
  skuIdOf,
  type UsageQuestion,
} from '#src/index.ts'
import { seedBook } from './books.ts'

interface PriceCase {
  readonly id: string
  readonly title: string
  readonly usage: Record<string, number>
  readonly expected_usd?: string
  readonly expected_status?: string
  readonly missing?: string[]
  readonly priced_subtotal_usd?: string
}

const cases = JSON.parse(
  readFileSync(new URL('fixtures/price-cases.json', import.meta.url), 'utf8'),
) as readonly PriceCase[]

/** What SQL does: one window per (sku, slot), one multiplication per meter, ninths summed apart. */
const priceByWindow = (book: BookData, { parts, slot, usage }: UsageQuestion) => {
  const windows = buildPriceWindows(book, [{ sku: skuIdOf(parts), ...parts }], { book: 'list' })
  const window = windows.find(({ from, to }) => from <= slot && slot < to)
  const entries = Object.entries(usage) as [Meter, number][]
  const used = entries.filter(([, quantity]) => quantity !== 0)
  const femto = used.reduce((sum, [meter, quantity]) => sum + BigInt(quantity) * (window?.fusd[meter] ?? 0n), 0n)
  const ninths =
    BigInt(usage.audio_second ?? 0) * BigInt(window?.ninthsAudioSecond ?? 0) +
    BigInt(usage.container_second ?? 0) * BigInt(window?.ninthsContainerSecond ?? 0)
  return {
    state: window?.state,
    femto: femto + divideHalfEven(ninths, 9n),
    missing: used.filter(([meter]) => window?.fusd[meter] === undefined).map(([meter]) => meter),
  }
}

const books = { 'the seed overlay alone': seedBook(), 'the packaged book': loadPackagedBook() }

describe.each(Object.entries(books))('price cases under %s', (_, book) => {
  test.each(cases)('$id $title', (priceCase) => {
    const question = askPrice(parsePriceQuestion(priceCase), book)
    const priced = priceUsage(book, question)
    const status = priceCase.expected_status ?? 'priced'
    expect(priced.status).toBe(status)
    expect(priced.costFemto === undefined ? undefined : formatUsd(priced.costFemto)).toBe(priceCase.expected_usd)
    expect(priced.missing).toEqual(priceCase.missing ?? [])
    const subtotal = priceCase.priced_subtotal_usd ?? priceCase.expected_usd ?? '0'
    expect(priced.pricedSubtotalFemto).toBe(parseUsd(subtotal))
  })

  test.each(cases.filter(({ usage }) => Object.values(usage).every((quantity) => quantity >= 0)))(
    '$id has the same femto-dollars through its price window',
    (priceCase) => {
      const question = askPrice(parsePriceQuestion(priceCase), book)
      const priced = priceUsage(book, question)
      const byWindow = priceByWindow(book, question)
      expect(byWindow.femto).toBe(priced.pricedSubtotalFemto)
      expect(byWindow.missing).toEqual(priced.missing)
      expect(byWindow.state).toBe(priced.resolved?.state ?? 'ok')
    },
  )
})

test('an explanation carries decimal strings, the window, the source and how the price came about', () => {
  const question = {
    provider: 'anthropic',
    model: 'claude-sonnet-4-6',
    at: '2026-06-01T00:00:00.000Z',
    usage: { input: 1000, output_reasoning: 3, cache_write_12h: 10 },
  }
  expect(explainUsage(seedBook(), parsePriceQuestion(question))).toEqual({
    status: 'partial',
    cost_usd: null,
    priced_subtotal_usd: '0.003045',
    currency: 'USD',
    lines: [
      {
        meter: 'input',
        quantity: 1000,
        price: '3',
        per: 1_000_000,
        cost_usd: '0.003',
        valid_from: '2026-03-13T00:00:00Z',
        valid_to: '2105-12-31T00:00:00Z',
        source: 'anthropic-pricing',
        card: 'list',
        derived_from: 'published',
      },
      {
        meter: 'output_reasoning',
        quantity: 3,
        price: '15',
        per: 1_000_000,
        cost_usd: '0.000045',
        valid_from: '2026-03-13T00:00:00Z',
        valid_to: '2105-12-31T00:00:00Z',
        source: 'anthropic-pricing',
        card: 'list',
        derived_from: 'inherit output_reasoning ← output',
      },
    ],
    missing: ['cache_write_12h'],
    reason: null,
    resolved: {
      provider: 'anthropic',
      model: 'claude-sonnet-4-6',
      region: '',
      tier: 'standard',
      band: 0,
      prompt_band: 0,
      slot: '2026-06-01T00:00:00Z',
    },
  })
})

test('a question with unknown meters or without an instant is refused with all that is wrong', () => {
  const question = { provider: 'anthropic', model: 'claude-opus-5', at: 'yesterday', usage: { inputs: 1 } }
  const refused = () => parsePriceQuestion(question)
  expect(refused).toThrow(expect.objectContaining({ code: 'E_PRICE_QUESTION' }))
  expect(refused).toThrow(/at: want a date.*no meter "inputs", did you mean "input"\?/)
})
