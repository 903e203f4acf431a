import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BookData, priceSlotOf, splitsOf } from '#src/index.ts'
import { seedBook } from './books.ts'

const SLOT_SECONDS = 1_800
const seconds = (iso: string): number => Date.parse(iso) / 1_000

test('a window that starts or ends at a slot or at a split holds for exactly the calls inside it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 4 * SLOT_SECONDS }), { maxLength: 5 }),
      fc.nat({ max: 4 * SLOT_SECONDS * 1_000 }),
      (splits, startMs) => {
        const slot = priceSlotOf(startMs, splits)
        for (const edge of [...splits, 0, SLOT_SECONDS, 2 * SLOT_SECONDS, 3 * SLOT_SECONDS]) {
          expect(slot >= edge).toBe(startMs >= edge * 1_000)
        }
      },
    ),
  )
})

describe('a split', () => {
  const at = seconds('2026-09-14T04:10:00Z')
  const tables: Pick<BookData, 'foldings' | 'slotSplits'> = {
    foldings: seedBook().foldings,
    slotSplits: [{ provider: 'deepseek', model: 'deepseek-v4-pro', at }],
  }
  const of = (provider: string, model: string) =>
    splitsOf({ provider, model, region: '', tier: 'standard', promptBand: 0 }, tables)

  test.each([
    ['deepseek', 'deepseek-v4-pro'],
    ['deepseek', 'deepseek/deepseek-v4-pro'],
    ['deepseek', 'deepseek-v4-pro-20260901'],
    ['deepseek', 'deepseek-v4-pro[1m]'],
  ])('concerns every reading of its name: %s %s', (provider, model) => {
    expect(of(provider, model)).toEqual([at])
  })

  test.each([
    ['deepseek', 'deepseek-v4'],
    ['deepseek', 'deepseek-v4-pro-max'],
    ['openai', 'deepseek-v4-pro'],
  ])('concerns no other name: %s %s', (provider, model) => {
    expect(of(provider, model)).toEqual([])
  })
})
