/** What a plan comes to: size, tier, cost, budget in money. The JSON of `outlay plan`. */
import { DEFAULT_TIERS } from '@outlay/clickhouse'
import { formatUsd, OutlayError } from '@outlay/core'
import {
  loadPackagedBook,
  moneyCapOf,
  type PlanPrice,
  pricePlan,
  type Ratio,
  sizePlan,
  suggestionFor,
  tokensWithin,
} from '@outlay/pricing'
import type { Plan } from './plan-options.ts'

export interface PlannedTier {
  readonly tier: string
  readonly pattern: string
  /** Effective tokens of one user and month; of a pool the share of a seat. Null for a contracted pool. */
  readonly hard_cap_tokens: number | null
  /** Expected use ÷ hard cap; null without one. */
  readonly utilization: number | null
  readonly fits: boolean
}

export interface PlanAnswer {
  readonly calls_per_user: number
  readonly tokens_per_user: number
  readonly multiplier: number
  readonly multiplier_from: 'given' | 'prices' | 'default'
  readonly suggested_hard_cap_tokens: number
  readonly suggested_soft_cap_tokens: number
  readonly users: number
  readonly tokens_of_users: number
  readonly pool_tokens: number
  /** The one that was asked for, else the first default tier that takes such a user. */
  readonly tier: PlannedTier
  /** Null without --provider and --model. */
  readonly cost: PlannedCost | null
  /** Null without --seat-price and --target-margin. */
  readonly budget: PlannedBudget | null
}

interface PlannedCost {
  readonly provider: string
  readonly model: string
  readonly edition: string
  readonly status: string
  readonly per_call_usd: string | null
  readonly per_user_usd: string | null
  readonly of_users_usd: string | null
  readonly reason: string | null
}

interface PlannedBudget {
  readonly max_cost_usd: string
  readonly within: boolean | null
  readonly tokens_within: number | null
}

interface AskedModel {
  readonly provider: string
  readonly model: string
  readonly atMs: number
}

/** Fails with `E_PLAN` on an unknown tier. */
export const answerPlan = (plan: Plan, asked: { readonly tier?: string; readonly model?: AskedModel }): PlanAnswer => {
  const book = asked.model === undefined ? undefined : loadPackagedBook()
  const price = asked.model === undefined || book === undefined ? undefined : pricePlan(book, plan.usage, asked.model)
  const multiplierFrom = plan.isMultiplierGiven ? 'given' : price?.multiplier === undefined ? 'default' : 'prices'
  const multiplier = multiplierFrom === 'prices' ? (price?.multiplier ?? plan.usage.multiplier) : plan.usage.multiplier
  const size = sizePlan({ ...plan.usage, multiplier }, plan.users)
  assertCountable(size.pool)
  assertCountable(size.suggestedHardCap)
  return {
    calls_per_user: Number(size.callsPerUser),
    tokens_per_user: Number(size.tokensPerUser),
    multiplier: numberOf(multiplier),
    multiplier_from: multiplierFrom,
    suggested_hard_cap_tokens: Number(size.suggestedHardCap),
    suggested_soft_cap_tokens: Number(size.suggestedSoftCap),
    users: plan.users,
    tokens_of_users: Number(size.tokensOfUsers),
    pool_tokens: Number(size.pool),
    tier: tierFor(size.tokensPerUser, asked.tier),
    cost:
      asked.model === undefined || price === undefined || book === undefined
        ? null
        : costOf(asked.model, price, { users: plan.users, edition: book.edition }),
    budget: budgetOf(plan, size.tokensPerUser, price),
  }
}

/** Beyond it a JSON number would not be the one that was meant. */
const assertCountable = (tokens: bigint): void => {
  if (tokens <= BigInt(Number.MAX_SAFE_INTEGER)) return
  throw new OutlayError('E_PLAN', 'the plan has more tokens than can be counted', {
    got: String(tokens),
    want: `at most ${Number.MAX_SAFE_INTEGER}`,
    fix: 'look for a typing error, or plan for fewer users',
  })
}

const numberOf = ({ numerator, denominator }: Ratio): number => Number(numerator) / Number(denominator)

const tierFor = (tokens: bigint, wanted: string | undefined): PlannedTier => {
  const tiers = DEFAULT_TIERS.map(({ tier, pattern, hard_cap_tokens: cap }) => ({
    tier,
    pattern,
    hard_cap_tokens: cap === null ? null : Number(cap),
    utilization: cap === null ? null : Number(tokens) / Number(cap),
    fits: cap === null || tokens <= cap,
  }))
  const chosen = tiers.find(({ tier, fits }) => (wanted === undefined ? fits : tier === wanted))
  if (chosen !== undefined) return chosen
  const known = tiers.map(({ tier }) => tier)
  throw new OutlayError('E_PLAN', `no default tier has that name${suggestionFor(wanted ?? '', known)}`, {
    where: '--tier',
    got: JSON.stringify(wanted),
    want: known.join(', '),
  })
}

const usdOf = (femto: bigint | undefined): string | null => (femto === undefined ? null : formatUsd(femto))

const costOf = (
  { provider, model }: AskedModel,
  { status, reason, callFemtoUsd, userFemtoUsd }: PlanPrice,
  { users, edition }: { readonly users: number; readonly edition: string },
): PlannedCost => ({
  provider,
  model,
  edition,
  status,
  per_call_usd: usdOf(callFemtoUsd),
  per_user_usd: usdOf(userFemtoUsd),
  of_users_usd: usdOf(userFemtoUsd === undefined ? undefined : userFemtoUsd * BigInt(users)),
  reason,
})

const budgetOf = ({ seat }: Plan, tokens: bigint, price: PlanPrice | undefined): PlannedBudget | null => {
  if (seat === undefined) return null
  const cap = moneyCapOf(seat.seatFemtoUsd, seat.margin)
  const cost = price?.userFemtoUsd
  const within = cost === undefined ? undefined : tokensWithin(cap, tokens, cost)
  return {
    max_cost_usd: formatUsd(cap),
    within: cost === undefined ? null : cost <= cap,
    tokens_within: within === undefined ? null : Number(within),
  }
}
