/** Repeatable randomness: the same seed gives the same sample history on every machine. */
import { digest64 } from '@outlay/core'

export interface Random {
  /** [0, 1) */
  next(): number
  /** Whole number in [low, high]. */
  between(low: number, high: number): number
  pick<Item>(items: readonly Item[]): Item
  chance(probability: number): boolean
}

const MASK = 2n ** 64n - 1n
// Constants of the SplitMix64 generator.
const GAMMA = 0x9e3779b97f4a7c15n
const MIX_1 = 0xbf58476d1ce4e5b9n
const MIX_2 = 0x94d049bb133111ebn
const MANTISSA_SHIFT = 11n
const MANTISSA = 2 ** 53

export const createRandom = (...seed: readonly string[]): Random => {
  let state = digest64(seed)
  const next = (): number => {
    state = (state + GAMMA) & MASK
    let z = state
    z = ((z ^ (z >> 30n)) * MIX_1) & MASK
    z = ((z ^ (z >> 27n)) * MIX_2) & MASK
    return Number((z ^ (z >> 31n)) >> MANTISSA_SHIFT) / MANTISSA
  }
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new Error('BUG: picking from nothing')
      return item
    },
    chance: (probability) => next() < probability,
  }
}
