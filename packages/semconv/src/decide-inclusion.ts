/** Whether the reported input contains the cache counts: the decision list of spec counters §8. */
import { type Counters, cacheWritesOf, mentionsCache } from './counters.ts'
import type { RuleMeaning } from './dialect-rule.ts'
import type { CacheSplit, Inclusion } from './evidence.ts'
import type { QualityFlag } from './flags.ts'

export interface InclusionDecision {
  readonly inclusion: Inclusion
  readonly inputTotal: number
  readonly cacheSplit: CacheSplit
  /** Proven by the numbers of this span rather than believed. */
  readonly proven: boolean
  /** The explicit split contradicts itself. */
  readonly conflict: boolean
  readonly flags: readonly QualityFlag[]
}

type Expectation = 'inclusive' | 'exclusive' | undefined

const expectationOf = (meaning: RuleMeaning, provider: string): Expectation => {
  if (meaning.cache === 'unknown') return undefined
  if (meaning.cache === 'by_provider') return meaning.exclusiveProviders?.includes(provider) ? 'exclusive' : 'inclusive'
  return meaning.cache === 'included' ? 'inclusive' : 'exclusive'
}

const verdict = (
  inclusion: Inclusion,
  inputTotal: number,
  rest: Partial<Omit<InclusionDecision, 'inclusion' | 'inputTotal'>> = {},
): InclusionDecision => ({
  inclusion,
  inputTotal,
  cacheSplit: 'reported',
  proven: false,
  conflict: false,
  flags: [],
  ...rest,
})

/** What the total proves. T = I + O proves nothing: many emitters compute it that way. */
const provenByTotal = (counters: Counters, cached: number): Expectation => {
  const { input, output, total, reasoning = 0 } = counters
  if (total === undefined || input === undefined || output === undefined) return undefined
  const exclusive =
    total === input + cached + output || (reasoning > 0 && total === input + cached + output + reasoning)
  const inclusive = reasoning > 0 && total === input + output + reasoning
  if (exclusive === inclusive) return undefined
  return exclusive ? 'exclusive' : 'inclusive'
}

/** `provider` is folded; empty = unknown. */
export const decideInclusion = (counters: Counters, meaning: RuleMeaning, provider: string): InclusionDecision => {
  const { input, uncachedInput } = counters
  const cached = (counters.cacheRead ?? 0) + cacheWritesOf(counters)
  if (uncachedInput !== undefined) {
    const inputTotal = uncachedInput + cached
    const conflict = input !== undefined && input !== inputTotal
    return verdict('inclusive', input ?? inputTotal, { proven: true, conflict })
  }
  // Without an input count only the caches are known.
  if (input === undefined)
    return verdict('n/a', cached, { cacheSplit: mentionsCache(counters) ? 'reported' : 'unknown' })
  if (cached === 0) {
    const known = mentionsCache(counters) && meaning.zeroCacheUnproven !== true
    return verdict('n/a', input, { cacheSplit: known ? 'reported' : 'unknown' })
  }
  const expected = expectationOf(meaning, provider)
  const proven = cached > input ? 'exclusive' : provenByTotal(counters, cached)
  if (proven !== undefined) {
    const contradicted = expected !== undefined && expected !== proven && meaning.assumed !== true
    return verdict(proven, proven === 'inclusive' ? input : input + cached, {
      proven: true,
      flags: contradicted ? ['rule_contradicted'] : [],
    })
  }
  const assumed = expected === undefined || meaning.assumed === true
  const chosen = expected ?? 'inclusive'
  return verdict(chosen, chosen === 'inclusive' ? input : input + cached, { flags: assumed ? ['assumed'] : [] })
}
