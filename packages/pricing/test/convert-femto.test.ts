import fc from 'fast-check'
import { expect, test } from 'vitest'
import { convertFemto, type FxRate } from '#src/index.ts'

const rate = (day: string, text: string, base = 'USD', quote = 'CNY'): FxRate => ({
  base,
  quote,
  day,
  rate: text,
  source: 'ecb',
})
const rates = [rate('2026-11-02', '7.25'), rate('2026-11-20', '7.5'), rate('2026-11-10', '0.125', 'CNY', 'USD')]

const convert = (femto: bigint, day: string, [from, to]: readonly [string, string] = ['USD', 'CNY']) =>
  convertFemto({ femto, currency: from, day }, to, rates)

test('the rate of the day holds, else the last one before it', () => {
  expect(convert(1000n, '2026-11-02')?.femto).toBe(7250n)
  expect(convert(1000n, '2026-11-09')?.femto).toBe(7250n)
  expect(convert(1000n, '2026-11-21')?.rate).toBe(rates[1])
})

test('before the first rate, or without one, nothing is converted', () => {
  expect(convert(1000n, '2026-11-01')).toBeUndefined()
  expect(convert(1000n, '2026-11-21', ['USD', 'EUR'])).toBeUndefined()
  expect(convert(1000n, '2026-11-01', ['EUR', 'EUR'])).toEqual({ numerator: 1000n, denominator: 1n, femto: 1000n })
})

test('a later rate of the other direction is inverted exactly', () => {
  expect(convert(1000n, '2026-11-10')).toMatchObject({ femto: 8000n, rate: { base: 'CNY' } })
  expect(convert(3n, '2026-11-21', ['CNY', 'USD'])).toMatchObject({ femto: 0n })
})

test('the rational is exact: parts sum to the whole, and half goes to even', () => {
  const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
  fc.assert(
    fc.property(amount, amount, fc.constantFrom('USD', 'CNY'), (a, b, from) => {
      const pair = from === 'USD' ? (['USD', 'CNY'] as const) : (['CNY', 'USD'] as const)
      const [x, y, sum] = [a, b, a + b].map((femto) => convert(femto, '2026-11-21', pair))
      expect((x?.numerator ?? 0n) + (y?.numerator ?? 0n)).toBe(sum?.numerator)
      expect(x?.denominator).toBe(sum?.denominator)
    }),
  )
  expect(
    [1n, 2n, 3n, -1n].map(
      (femto) =>
        convertFemto({ femto, currency: 'USD', day: '2026-11-30' }, 'X', [rate('2026-11-01', '0.5', 'USD', 'X')])
          ?.femto,
    ),
  ).toEqual([0n, 1n, 2n, 0n])
})
