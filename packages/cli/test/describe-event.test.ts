import { describe, expect, test } from 'vitest'
import { describeEvent } from '../src/up/describe-event.ts'

describe('loaded prices', () => {
  const load = { revision: 3, skus: 2, windows: 40 }

  test('are routine and say nothing', () => {
    expect(describeEvent({ type: 'prices_loaded', load: { ...load, broken: [] } })).toBeUndefined()
  })

  test('name each book that prices nothing, and why', () => {
    const broken = [{ name: 'half-cache', error: new Error('no price in the book is {"meter":"cache_read"}') }]
    expect(describeEvent({ type: 'prices_loaded', load: { ...load, broken } })).toBe(
      'prices: book half-cache prices nothing (no price in the book is {"meter":"cache_read"})',
    )
  })
})
