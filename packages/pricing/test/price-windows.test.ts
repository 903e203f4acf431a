import { divideHalfEven, METERS, type Meter, SLOT_SECONDS } from '@outlay/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  buildPriceWindows,
  loadPackagedBook,
  OPEN_END,
  type PriceWindow,
  priceUsage,
  resolveSku,
  skuIdOf,
  type SkuParts,
} from '#src/index.ts'
import { at, compile, model } from './books.ts'

const book = loadPackagedBook()

const withId = (parts: SkuParts) => ({ ...parts, sku: skuIdOf(parts) })
const windowsOf = (parts: SkuParts): PriceWindow[] => buildPriceWindows(book, [withId(parts)], { book: 'list' })

/** Every name of the book under every tier and region that its provider may report. */
const everySku = (promptBands: readonly number[]): SkuParts[] => {
  const skus = book.names.flatMap(({ provider, name }) => {
    const tiers = [...Object.keys(book.foldings.tiers[provider] ?? {}), 'nonsense']
    const regions = Object.keys(book.foldings.regions[provider] ?? {})
    return tiers.flatMap((tier) =>
      regions.flatMap((region) =>
        promptBands.map((promptBand) => ({ provider, model: name, region, tier, promptBand })),
      ),
    )
  })
  return [...new Map(skus.map((parts) => [skuIdOf(parts), parts])).values()]
}

type Placed = Pick<PriceWindow, 'state' | 'provider' | 'model' | 'region' | 'tier'>

const bigintAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)

const anySku = fc.record({
  name: fc.constantFrom(...book.names),
  tier: fc.constantFrom('standard', 'batch', 'fast', 'flex', 'priority', 'nonsense'),
  region: fc.constantFrom('', 'us', 'eu', 'geo'),
  promptBand: fc.nat({ max: book.bandEdges.length - 1 }),
})
const partsOf = ({ name, ...rest }: { name: (typeof book.names)[number] } & Omit<SkuParts, 'provider' | 'model'>) => ({
  ...rest,
  provider: name.provider,
  model: name.name,
})
const anySlot = fc
  .integer({ min: at('2024-01-01') / SLOT_SECONDS, max: at('2027-06-01') / SLOT_SECONDS })
  .map((slot) => slot * SLOT_SECONDS)
const anyUsage = fc.dictionary(fc.constantFrom(...METERS), fc.nat({ max: 2 ** 30 }), { maxKeys: 6, minKeys: 1 })

describe('the windows of a sku', () => {
  test('cover all time, in order, without gap or overlap, cut at slots, and neighbours differ', () => {
    const skus = everySku([0, 8]).map(withId)
    const bySku = Map.groupBy(buildPriceWindows(book, skus, { book: 'list' }), ({ sku }) => sku)
    expect(bySku.size).toBe(new Set(skus.map(({ sku }) => sku)).size)
    // Faults are collected, and asserted once: an assertion per window takes longer than all the windows.
    const faulty = [...bySku.values()].filter((windows) => {
      const isInOrder = windows.every(({ from }, index) => from === (index === 0 ? 0 : windows[index - 1]?.to))
      const isCutAtSlots = windows.every(({ from }) => from % SLOT_SECONDS === 0)
      const contents = windows.map((window) => JSON.stringify({ ...window, from: 0, to: 0 }, bigintAsText))
      const isRepeated = contents.some((content, index) => content === contents[index - 1])
      return !isInOrder || !isCutAtSlots || isRepeated || windows.at(-1)?.to !== OPEN_END
    })
    expect(faulty).toEqual([])
  })

  test('say at and just before every edge what the resolver says', () => {
    const placeOf = ({ state, provider, model, region, tier }: Placed): Placed => ({
      state,
      provider,
      model,
      region,
      tier,
    })
    const skus = everySku([0, 5, 8])
    const looks = skus.flatMap((parts) =>
      windowsOf(parts).flatMap((window) =>
        [window.from, window.to - 1].map((instant) => ({ parts, instant, said: placeOf(window) })),
      ),
    )
    const differing = looks
      .map((look) => ({ ...look, resolved: placeOf(resolveSku(book, look.parts, look.instant)) }))
      .filter(({ said, resolved }) => JSON.stringify(said) !== JSON.stringify(resolved))
    expect(differing).toEqual([])
    expect(looks.length).toBeGreaterThan(skus.length)
  })

  test('price any usage at any time to the same femto-dollar as the resolver', () => {
    fc.assert(
      fc.property(anySku, anySlot, anyUsage, (sku, slot, usage) => {
        const parts = partsOf(sku)
        const window = windowsOf(parts).find(({ from, to }) => from <= slot && slot < to)
        const priced = priceUsage(book, { parts, slot, usage })
        const used = (Object.entries(usage) as [Meter, number][]).filter(([, quantity]) => quantity > 0)
        const femto = used.reduce((sum, [meter, quantity]) => sum + BigInt(quantity) * (window?.fusd[meter] ?? 0n), 0n)
        const ninths =
          (usage['audio_second'] ?? 0) * (window?.ninthsAudioSecond ?? 0) +
          (usage['container_second'] ?? 0) * (window?.ninthsContainerSecond ?? 0)
        expect(femto + divideHalfEven(BigInt(ninths), 9n)).toBe(priced.pricedSubtotalFemto)
        const missing = METERS.filter((meter) => (usage[meter] ?? 0) > 0 && window?.fusd[meter] === undefined)
        expect(missing).toEqual(priced.missing)
      }),
      { numRuns: 400 },
    )
  })

  test('belong to the book that was asked for and name the sku', () => {
    const parts = { provider: 'nobody', model: 'nothing', region: '', tier: 'standard', promptBand: 0 }
    expect(buildPriceWindows(book, [{ sku: 7n, ...parts }], { book: 'rev-3' })).toEqual([
      {
        book: 'rev-3',
        sku: 7n,
        from: 0,
        to: OPEN_END,
        state: 'unpriced_model',
        currency: '',
        fusd: {},
        ninthsAudioSecond: 0,
        ninthsContainerSecond: 0,
        band: 0,
        provider: '',
        model: '',
        region: '',
        tier: '',
      },
    ])
  })
})

describe('cost is additive', () => {
  test('usage split in two costs together what it costs in one, within one slot and band', () => {
    fc.assert(
      fc.property(anySku, anySlot, anyUsage, fc.double({ min: 0, max: 1, noNaN: true }), (sku, slot, usage, share) => {
        const parts = partsOf(sku)
        const first = Object.fromEntries(Object.entries(usage).map(([meter, q]) => [meter, Math.floor(q * share)]))
        const second = Object.fromEntries(Object.entries(usage).map(([meter, q]) => [meter, q - (first[meter] ?? 0)]))
        const [whole, ...halves] = [usage, first, second].map((part) =>
          priceUsage(book, { parts, slot, usage: part, usageStatus: 'reported' }),
        )
        const sum = halves.reduce((total, { pricedSubtotalFemto }) => total + pricedSubtotalFemto, 0n)
        // Meters in seconds carry ninths of a femto-dollar, each total is rounded once: at most one apart.
        const difference = sum - (whole?.pricedSubtotalFemto ?? 0n)
        const hasNinths = 'audio_second' in usage || 'container_second' in usage
        expect(hasNinths ? difference >= -1n && difference <= 1n : difference === 0n).toBe(true)
      }),
    )
  })

  test('ninths are summed before they are divided: 9 seconds cost exactly nine times one second', () => {
    const parts = {
      provider: 'anthropic',
      model: 'code-execution-container',
      region: '',
      tier: 'standard',
      promptBand: 0,
    }
    const costOf = (seconds: number) =>
      priceUsage(book, { parts, slot: at('2026-06-01'), usage: { container_second: seconds } }).costFemto
    expect(costOf(1)).toBe(13_888_888_889n)
    expect(costOf(9)).toBe(125_000_000_000n)
  })
})

test('a correction of a name reprices the whole history of the sku', () => {
  const before = compile(model())
  const after = compile(model({ rest: 'names: {exact: [one, alias]}' }))
  const parts = { provider: 'acme', model: 'alias', region: '', tier: 'standard', promptBand: 0 }
  const statesOf = (data: typeof before) =>
    buildPriceWindows(data, [withId(parts)], { book: 'list' }).map(({ state }) => state)
  expect(statesOf(before)).toEqual(['unpriced_model'])
  expect(statesOf(after)).toEqual(['ok'])
})

test('a new band edge changes no price of a call between the old edges', () => {
  const extended = { ...book, bandEdges: [...book.bandEdges, 150_000] }
  const parts = { provider: 'xai', model: 'grok-4.6', region: '', tier: 'standard', promptBand: book.bandEdges.length }
  const old = windowsOf({ ...parts, promptBand: 4 }).find(({ state }) => state === 'ok')
  const moved = buildPriceWindows(extended, [withId(parts)], { book: 'list' }).find(({ state }) => state === 'ok')
  expect(old).toBeDefined()
  expect(moved?.fusd).toEqual(old?.fusd)
})
