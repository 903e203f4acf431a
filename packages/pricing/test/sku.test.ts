import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldSku, priceSlotOf, promptBandOf, skuIdOf, type SkuParts } from '#src/index.ts'
import { seedBook } from './books.ts'

const book = seedBook()
const parts: SkuParts = { provider: 'openai', model: 'gpt-5', region: '', tier: 'standard', promptBand: 0 }

const bandOf = (inputTotal: number, bandEdges = book.bandEdges): number =>
  promptBandOf({ inputTotal, startMs: 0 }, { bandEdges })

test('a prompt band is the index of the highest edge that is exceeded, one token around every edge', () => {
  for (const [index, edge] of book.bandEdges.entries()) {
    if (index === 0) continue
    expect(bandOf(edge)).toBe(index - 1)
    expect(bandOf(edge - 1)).toBe(edge - 1 > (book.bandEdges[index - 1] ?? 0) ? index - 1 : index - 2)
    expect(bandOf(edge + 1)).toBe(index)
  }
  expect(bandOf(0)).toBe(0)
})

test('an appended edge keeps the old indexes valid', () => {
  const appended = [...book.bandEdges, 150_000]
  expect(bandOf(140_000, appended)).toBe(bandOf(140_000))
  expect(bandOf(150_001, appended)).toBe(appended.length - 1)
  expect(bandOf(200_001, appended)).toBe(bandOf(200_001))
})

test('the price slot is the half hour in which the call started', () => {
  expect(priceSlotOf(Date.parse('2026-03-12T23:59:59.999Z'))).toBe(Date.parse('2026-03-12T23:30:00Z') / 1000)
  expect(priceSlotOf(Date.parse('2026-03-13T00:00:00Z'))).toBe(Date.parse('2026-03-13T00:00:00Z') / 1000)
})

describe('the sku', () => {
  test('keeps the raw model and folds provider, tier and region', () => {
    const selectors = {
      provider: 'Bedrock',
      host: '',
      requestModel: 'requested',
      responseModel: ' US.anthropic.x ',
      serviceTier: 'Default',
      batch: false,
      speed: '',
      region: 'US-East-1',
    }
    expect(foldSku(selectors, { inputTotal: 33_000, startMs: 0 }, book)).toEqual({
      provider: 'aws',
      model: ' US.anthropic.x ',
      region: 'us-east-1',
      tier: 'default',
      promptBand: 1,
    })
  })

  test('is equal for equal parts and differs in each part', () => {
    expect(skuIdOf({ ...parts })).toBe(skuIdOf(parts))
    const others: SkuParts[] = [
      { ...parts, provider: 'azure' },
      { ...parts, model: 'gpt-5.4' },
      { ...parts, region: 'us' },
      { ...parts, tier: 'batch' },
      { ...parts, promptBand: 1 },
      { ...parts, provider: 'openaigpt-5', model: '' },
    ]
    expect(new Set([parts, ...others].map(skuIdOf)).size).toBe(others.length + 1)
  })

  test('can be folded from any selectors at all', () => {
    const anyText = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'fast', '*'))
    const anySelectors = fc.record({
      provider: anyText,
      host: anyText,
      requestModel: anyText,
      responseModel: anyText,
      serviceTier: anyText,
      batch: fc.boolean(),
      speed: anyText,
      region: anyText,
    })
    fc.assert(
      fc.property(anySelectors, fc.nat(), (selectors, total) => {
        const folded = foldSku(selectors, { inputTotal: total, startMs: 0 }, book)
        expect(Object.values(folded).every((part) => typeof part === 'string' || typeof part === 'number')).toBe(true)
        expect(folded.tier).not.toBe('')
      }),
    )
  })
})
