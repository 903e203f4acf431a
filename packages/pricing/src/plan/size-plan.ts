/**
 * How large a budget has to be, before there is any measured use (spec: kpis §4, sizing helper; §Conventions, effective
 * tokens). Pure integer arithmetic: tokens are rounded up, because a budget that is a token short is too small.
 */
import { assert } from '@outlay/core'

export const WORKLOADS = ['chat', 'agent', 'rag'] as const
export type PlannedWorkload = (typeof WORKLOADS)[number]

/** An exact ratio; `denominator` is above 0. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** What one user is expected to do in a month. Counts may be averages. */
export interface PlannedUsage {
  /** Sessions of one user and month. */
  readonly sessions: Ratio
  /** Turns of one session that the user sees. */
  readonly turns: Ratio
  /** Model calls per turn: 1 except for agents, where 1.5 to 2.5 is usual. */
  readonly toolCallFactor: Ratio
  /** Tokens of one call. */
  readonly inputTokens: bigint
  readonly outputTokens: bigint
  /** Tokens that retrieval adds to the prompt of one call; 0 except for RAG. */
  readonly retrievedTokens: bigint
  /** Output price ÷ input price of the model; 4 where it is not known. */
  readonly multiplier: Ratio
}

export interface PlanSize {
  /** Model calls of one user and month, rounded up. */
  readonly callsPerUser: bigint
  /** Effective tokens of one user and month. */
  readonly tokensPerUser: bigint
  /** Hard cap of a tier for such users: three times the median user. */
  readonly suggestedHardCap: bigint
  /** 70 % of it. */
  readonly suggestedSoftCap: bigint
  /** Effective tokens of all users and one month. */
  readonly tokensOfUsers: bigint
  /** Pool of which the expected use of all users is 70 %, where the soft threshold stands. */
  readonly pool: bigint
}

const MEDIANS_PER_CAP = 3n
const SOFT_SHARE: Ratio = { numerator: 7n, denominator: 10n }

const ceilDivide = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor

/** Calls of one user and month, exact: sessions × turns × tool-call factor. */
export const callsOf = ({ sessions, turns, toolCallFactor }: PlannedUsage): Ratio => ({
  numerator: sessions.numerator * turns.numerator * toolCallFactor.numerator,
  denominator: sessions.denominator * turns.denominator * toolCallFactor.denominator,
})

/**
 * Sizes caps and a pool for `users` users of the same kind, from the formula
 * tokens = sessions × turns × (input + output × multiplier) [× tool-call factor for agents, + retrieved context for RAG].
 *
 * ```ts
 * const whole = (count: number) => ({ numerator: BigInt(count), denominator: 1n })
 * sizePlan({ sessions: whole(20), turns: whole(5), toolCallFactor: whole(2), inputTokens: 1_000n, outputTokens: 250n,
 *   retrievedTokens: 0n, multiplier: whole(4) }, 10).tokensPerUser // 400_000n
 * ```
 */
export const sizePlan = (usage: PlannedUsage, users: number): PlanSize => {
  assert(Number.isSafeInteger(users) && users > 0, 'a plan is for at least one user')
  const calls = callsOf(usage)
  const { multiplier } = usage
  const perCall =
    (usage.inputTokens + usage.retrievedTokens) * multiplier.denominator + usage.outputTokens * multiplier.numerator
  const tokensPerUser = ceilDivide(calls.numerator * perCall, calls.denominator * multiplier.denominator)
  const suggestedHardCap = MEDIANS_PER_CAP * tokensPerUser
  const tokensOfUsers = BigInt(users) * tokensPerUser
  return {
    callsPerUser: ceilDivide(calls.numerator, calls.denominator),
    tokensPerUser,
    suggestedHardCap,
    suggestedSoftCap: (suggestedHardCap * SOFT_SHARE.numerator) / SOFT_SHARE.denominator,
    tokensOfUsers,
    pool: ceilDivide(tokensOfUsers * SOFT_SHARE.denominator, SOFT_SHARE.numerator),
  }
}
