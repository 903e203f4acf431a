/**
 * Interleaved rounds: in every round each piece of work runs once, in another order, so that what else the machine does
 * falls on all of them. Wall time is what a caller waits; CPU time (user and system, with garbage collection and
 * compilation on other threads) is what the work costs, and does not move with foreign load.
 */
import { medianOf } from '../ledger/timing.ts'

export interface Work {
  readonly name: string
  readonly spans: number
  /** Returns a figure that must be the same every time: it proves that the work was done. */
  run(): number
}

export interface Spread {
  readonly median: number
  readonly best: number
  readonly worst: number
}

export interface Rate {
  readonly name: string
  readonly spansPerCpuSecond: Spread
  readonly spansPerSecond: Spread
}

const MICROSECONDS = 1e6
const MILLISECONDS = 1e3
const WARM_UP_ROUNDS = 2

export const spreadOf = (rates: readonly number[]): Spread => ({
  median: medianOf(rates),
  best: Math.max(...rates),
  worst: Math.min(...rates),
})

interface Sample {
  readonly wall: number
  readonly cpu: number
}

const timed = (work: Work, expected: number): Sample => {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const result = work.run()
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  if (result !== expected) throw new Error(`BUG: ${work.name} gave ${result} instead of ${expected}`)
  return { wall: (work.spans / wallMs) * MILLISECONDS, cpu: (work.spans / (user + system)) * MICROSECONDS }
}

/** Another order in every round, the same in every run. */
export const shuffled = <Item>(items: readonly Item[], round: number): Item[] =>
  items
    .map((item, index) => ({ item, rank: Math.imul((index + 1) * 2_654_435_761, round * 2 + 1) >>> 0 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item)

export const measureRates = (works: readonly Work[], rounds: number): Rate[] => {
  const samples = new Map<Work, Sample[]>(works.map((work) => [work, []]))
  const expected = new Map(works.map((work) => [work, work.run()]))
  for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round += 1) {
    for (const work of shuffled(works, round + WARM_UP_ROUNDS)) {
      const sample = timed(work, expected.get(work) ?? Number.NaN)
      if (round > 0) samples.get(work)?.push(sample)
    }
  }
  return [...samples].map(([{ name }, taken]) => ({
    name,
    spansPerCpuSecond: spreadOf(taken.map(({ cpu }) => cpu)),
    spansPerSecond: spreadOf(taken.map(({ wall }) => wall)),
  }))
}
