import { expect, test } from 'vitest'
import {
  assertOverridesMeet,
  type BookData,
  loadPackagedBook,
  overrideCells,
  priceUsage,
  type SkuParts,
  substituteSku,
} from '#src/index.ts'
import { at } from '../books.ts'

const book: BookData = loadPackagedBook()
const parts: SkuParts = { provider: 'anthropic', model: 'claude-opus-5', region: '', tier: 'standard', promptBand: 0 }
const slot = at('2026-11-01')
const DOLLAR = 10n ** 15n

const costOf = (data = book, asked = parts, usage: object = { cache_read: 1_000_000 }): bigint | undefined =>
  priceUsage(data, { parts: asked, slot, usage }).costFemto

test('a halved cache price is a book of its own, and the first one stays as it is', () => {
  const where = { provider: 'anthropic', model: 'claude-opus-5', meter: 'cache_read' } as const
  const halved = overrideCells(book, [{ where, to: { times: '0.5' } }])
  expect(costOf()).toBe(DOLLAR / 2n)
  expect(costOf(halved)).toBe(DOLLAR / 4n)
  expect(
    costOf(
      overrideCells(book, [
        { where, to: { times: '0.5' } },
        { where, to: { price: '0' } },
      ]),
    ),
  ).toBe(0n)
  expect(costOf(halved, parts, { input: 1_000_000 })).toBe(costOf(book, parts, { input: 1_000_000 }))
})

test('an override that is not exact, or that meets no price, is refused', () => {
  const where = { provider: 'anthropic', model: 'claude-opus-5', meter: 'cache_read' } as const
  expect(() => overrideCells(book, [{ where, to: { times: '0.000000001' } }])).toThrow(
    expect.objectContaining({ code: 'E_PRICE_BOOK' }),
  )
  expect(() => assertOverridesMeet(book, [{ where: { model: 'no-such' }, to: { times: '2' } }])).toThrow(
    expect.objectContaining({ code: 'E_WHAT_IF' }),
  )
})

test('the same counters as another model and tier; meters that it lacks are missing, never dropped', () => {
  const as = substituteSku(book, parts, { model: 'gpt-6.2-sol', tier: 'batch' })
  expect(as).toEqual({ ...parts, provider: 'openai', model: 'gpt-6.2-sol', tier: 'batch' })
  const priced = priceUsage(book, {
    parts: as,
    slot: at('2026-11-20'),
    usage: { input: 1_000_000, cache_write_5m: 10 },
  })
  expect([priced.status, priced.missing]).toEqual(['partial', ['cache_write_5m']])
  expect(substituteSku(book, parts, { tier: 'batch' })).toEqual({ ...parts, tier: 'batch' })
})

test('a model that several providers list, or none, has to be named with its provider', () => {
  const ask = (model: string) => () => substituteSku(book, { ...parts, provider: 'google' }, { model })
  expect(ask('grok-4.6')).toThrow(/providers list/)
  expect(ask('no-such')).toThrow(/^.*0 providers/)
  expect(substituteSku(book, parts, { provider: 'xai', model: 'grok-4.6' }).provider).toBe('xai')
})
