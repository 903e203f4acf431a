import { formatUsd } from '@outlay/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeOf } from '../src/shared/change-of.ts'
import { compareCells } from '../src/shared/compare-cells.ts'
import { displayChange, displayFigure } from '../src/shared/format-figure.ts'

describe('money', () => {
  test.each([
    ['0', '$0.00'],
    ['0.0024', '$0.0024'],
    ['0.99994', '$0.9999'],
    ['0.99996', '$1.0000'],
    ['0.000000000000001', '$0.000000000000001'],
    ['1', '$1.00'],
    ['2.675', '$2.68'],
    ['2.665', '$2.66'],
    ['1234567.891', '$1,234,567.89'],
    ['-12.5', '-$12.50'],
    // Each of these changes its last cent as a float.
    ['9007199254740993.015', '$9,007,199,254,740,993.02'],
    ['90071992547409.935000000000001', '$90,071,992,547,409.94'],
  ])('%s is shown as %s', (exact, shown) => {
    expect(displayFigure('usd', exact)).toBe(shown)
  })

  test('is shown within half of its last digit, however large', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 15n, max: 10n ** 37n }), (femto) => {
        const cents = BigInt(displayFigure('usd', formatUsd(femto)).replaceAll(/[$,.]/g, ''))
        const error = 2n * (cents * 10n ** 13n - femto)
        expect(error <= 10n ** 13n && error >= -(10n ** 13n)).toBe(true)
      }),
    )
  })

  test('in another currency keeps its digits', () => {
    expect(displayFigure('amount', '-1234567.000100')).toBe('-1,234,567.000100')
  })
})

describe('other figures', () => {
  test.each([
    ['count', '12345678901234567890', '12,345,678,901,234,567,890'],
    ['tokens', 7210, '7,210'],
    ['share', 0.9993851829, '99.9 %'],
    ['ratio', 2.345, '2.35'],
    ['seconds', 10.24, '10.2 s'],
    ['seconds', 600, '10 min'],
    ['instant', '2026-11-21 11:00:00', '2026-11-21 11:00 UTC'],
    ['text', "o'brien", "o'brien"],
  ] as const)('a %s of %s is shown as %s', (unit, value, shown) => {
    expect(displayFigure(unit, value)).toBe(shown)
  })
})

describe('a change', () => {
  const usd = (value: string | null) => ({ unit: 'usd', value }) as const
  const share = (value: number | null) => ({ unit: 'share', value }) as const

  test('of money is relative to what it was', () => {
    expect(changeOf(usd('110'), usd('100'))).toEqual({ kind: 'relative', amount: 0.1 })
    expect(displayChange({ kind: 'relative', amount: 0.1 })).toBe('+10.0 %')
  })

  test('of a share is in points', () => {
    expect(displayChange(changeOf(share(0.25), share(0.3125)) ?? { kind: 'relative', amount: 0 })).toBe('−6.3 points')
  })

  test('is nothing without a figure on both sides, or from 0', () => {
    expect(changeOf(usd(null), usd('1'))).toBeUndefined()
    expect(changeOf(usd('1'), usd(null))).toBeUndefined()
    expect(changeOf(usd('1'), usd('0'))).toBeUndefined()
  })
})

describe('the order of a column', () => {
  const sorted = (unit: 'usd' | 'count' | 'text', cells: (string | null)[], direction: 'ascending' | 'descending') =>
    cells.toSorted((a, b) => compareCells(unit, a, b, direction))

  test('is the one of exact numbers, and NULL is last either way', () => {
    const cells = ['9', null, '10', '0.000000000000001', '0']
    expect(sorted('usd', cells, 'ascending')).toEqual(['0', '0.000000000000001', '9', '10', null])
    expect(sorted('usd', cells, 'descending')).toEqual(['10', '9', '0.000000000000001', '0', null])
    const [less, more] = ['9007199254740992', '9007199254740993']
    expect(sorted('count', [more, less], 'ascending')).toEqual([less, more])
  })
})
