/** Sets of unit prices, named by their content: what rows of counters are multiplied with. */
import { createHash } from 'node:crypto'
import { assert, METERS } from '@outlay/core'
import type { PriceVectorRow, WindowRow } from '#src/tables/price-tables.ts'

type Prices = Pick<WindowRow, Extract<keyof WindowRow, `f_${string}` | `n_${string}`>>

/** The vector of a slot that nothing prices; dictionaries answer 0 and no bits for it. */
export const NO_PRICES = 0n

const NINTHS = 9n
const INT64_MAX = 2n ** 63n - 1n

/** Ninths of femto-units per unit, in the order of the meters; null = no price. */
const ninthsOf = (prices: Prices): (bigint | null)[] =>
  METERS.map((meter) => {
    const femto = prices[`f_${meter}`]
    if (femto === null) return null
    const rest = meter === 'audio_second' || meter === 'container_second' ? prices[`n_${meter}`] : 0
    const ninths = femto * NINTHS + BigInt(rest)
    assert(ninths <= INT64_MAX, `a price of ${meter} does not fit 64 bits in ninths of femto-units: ${ninths}`)
    return ninths
  })

/** Digest of the prices: equal for equal prices, whatever book, model or window they belong to. */
export const vectorOf = (prices: Prices): bigint => {
  const ninths = ninthsOf(prices)
  if (ninths.every((price) => price === null)) return NO_PRICES
  return createHash('sha256').update(ninths.join(',')).digest().readBigUInt64LE()
}

/** The row of a vector, from any window that has it. */
export const vectorRowOf = (window: WindowRow): PriceVectorRow => {
  const ninths = ninthsOf(window)
  const bits = ninths.reduce<number>((sum, price, bit) => (price === null ? sum : sum + 2 ** bit), 0)
  const columns = Object.fromEntries(METERS.map((meter, bit) => [`f9_${meter}`, ninths[bit] ?? 0n]))
  return { vector: window.vector, priced_bits: bits, ...columns } as PriceVectorRow
}
