import { describe, expect, test } from 'vitest'
import { releaseBytes } from '../src/release-bytes.ts'

describe('memory that is given back', () => {
  test('is gone at once, from whichever part of it the buffer is', () => {
    const whole = Buffer.allocUnsafe(Buffer.poolSize + 1)
    releaseBytes(whole.subarray(10, 20))
    expect(whole).toHaveLength(0)
    expect(() => releaseBytes(whole)).not.toThrow()
  })

  test('is never what Node shares between buffers', () => {
    const largestShared = (Buffer.poolSize >>> 1) - 1
    const neighbours = Array.from({ length: 4 }, (_, index) => Buffer.allocUnsafe(largestShared).fill(index + 1))
    expect(new Set(neighbours.map(({ buffer }) => buffer)).size).toBeLessThan(neighbours.length)
    for (const each of neighbours) releaseBytes(each)
    expect(neighbours.map((each) => [each.length, each[0]])).toEqual(
      [1, 2, 3, 4].map((value) => [largestShared, value]),
    )
  })
})
