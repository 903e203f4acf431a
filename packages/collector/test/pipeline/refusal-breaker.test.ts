import { limits } from '@outlay/core'
import { expect, test } from 'vitest'
import { RefusalBreaker } from '#src/pipeline/refusal-breaker.ts'

const after = (units: readonly boolean[]): RefusalBreaker => {
  const breaker = new RefusalBreaker()
  for (const isRefused of units) breaker.note(isRefused)
  return breaker
}
const good = (count: number): boolean[] => Array<boolean>(count).fill(false)

test('two refused units in a row are put aside, the third is held', () => {
  expect(after([]).isOpen).toBe(false)
  expect(after([true]).isOpen).toBe(false)
  expect(after([true, true]).isOpen).toBe(true)
  expect(after([true, true, false]).isOpen).toBe(false)
  expect(limits.refusedUnitsInARowMax).toBe(3)
})

test('one refused unit of the last hundred is put aside, a second one is held', () => {
  const window = limits.refusedUnitsWindow
  expect(after(good(window - 1)).isOpen).toBe(false)
  expect(after([true, ...good(window - 2)]).isOpen).toBe(true)
  // It is so long ago that it counts no more.
  expect(after([true, ...good(window - 1)]).isOpen).toBe(false)
  // Too little is known to speak of a share.
  expect(after([true, ...good(window - 3)]).isOpen).toBe(false)
})
