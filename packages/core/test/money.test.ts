import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  displayUsd,
  divideHalfEven,
  formatDecimal,
  formatUsd,
  OutlayError,
  parseDecimal,
  parseUsd,
} from '../src/index.ts'

describe('decimal text', () => {
  test('is exact in both directions for every amount and scale', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 18 }),
        (value, scale) => {
          expect(parseDecimal(formatDecimal(value, scale), scale)).toBe(value)
        },
      ),
    )
  })

  test.each(['', '1e3', '+1', '1,000', '.5', '1.', 'NaN', '0x10', ' 1', '1 '])('refuses %j', (text) => {
    expect(() => parseDecimal(text, 9)).toThrow(OutlayError)
  })

  test('refuses more decimals than fit, but not trailing zeros', () => {
    expect(() => parseDecimal('0.1234567891', 9)).toThrow(/at most 9/)
    expect(parseDecimal('0.1234567890', 9)).toBe(123_456_789n)
  })

  test('prints dollars with at most fifteen decimals and no trailing zeros', () => {
    expect(formatUsd(4_000_000_000_000n)).toBe('0.004')
    expect(formatUsd(1n)).toBe('0.000000000000001')
    expect(formatUsd(-1_500_000_000_000_000n)).toBe('-1.5')
  })
})

describe('rounding', () => {
  test.each([
    [5n, 2n, 2n],
    [7n, 2n, 4n],
    [-5n, 2n, -2n],
    [-7n, 2n, -4n],
    [14n, 9n, 2n],
    [13n, 9n, 1n],
  ])('%s ÷ %s rounds half to even: %s', (dividend, divisor, quotient) => {
    expect(divideHalfEven(dividend, divisor)).toBe(quotient)
  })

  test('is never further away than half of the divisor', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 6n }),
        (dividend, divisor) => {
          const distance = dividend - divideHalfEven(dividend, divisor) * divisor
          expect((distance < 0n ? -distance : distance) * 2n <= divisor).toBe(true)
        },
      ),
    )
  })
})

describe('dollars for a person', () => {
  test.each([
    ['0', '$0.00'],
    ['12.345', '$12.34'],
    ['1234567.891', '$1,234,567.89'],
    ['0.0524', '$0.0524'],
    ['0.00002345', '$0.000023'],
    ['-3.5', '-$3.50'],
  ])('%s reads %s', (usd, text) => {
    expect(displayUsd(parseUsd(usd))).toBe(text)
  })

  test('a cost above zero never reads as zero', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 16n }), (femto) => {
        expect(displayUsd(femto)).toMatch(/[1-9]/)
      }),
    )
  })
})
