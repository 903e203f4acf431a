/** The answer of `outlay plan` for a person. */
import { displayUsd, parseUsd } from '@outlay/core'
import type { PlanAnswer } from './plan-answer.ts'

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const RATIO = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })
const PERCENT = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 })

const usd = (text: string): string => displayUsd(parseUsd(text))

const MULTIPLIER_WORDS = {
  given: 'as given',
  prices: 'by the prices of the model',
  default: 'the default; give a model or --multiplier',
} as const

export const renderPlan = (answer: PlanAnswer): string => {
  const { tier, cost, budget } = answer
  const lines: [string, string][] = [
    ['calls per user and month', WHOLE.format(answer.calls_per_user)],
    ['effective tokens per user and month', WHOLE.format(answer.tokens_per_user)],
    ['output counts as', `${RATIO.format(answer.multiplier)} × input, ${MULTIPLIER_WORDS[answer.multiplier_from]}`],
    [
      'suggested caps of a tier',
      `${WHOLE.format(answer.suggested_hard_cap_tokens)} hard, ${WHOLE.format(answer.suggested_soft_cap_tokens)} soft (3 × such a user; 70 % of it)`,
    ],
    [
      `pool for ${WHOLE.format(answer.users)} user(s)`,
      `${WHOLE.format(answer.pool_tokens)} (${WHOLE.format(answer.tokens_of_users)} expected, at 70 %)`,
    ],
    [`tier ${tier.tier}`, tierWords(tier)],
  ]
  if (cost !== null) lines.push([`cost with ${cost.provider} ${cost.model}`, costWords(cost, answer.users)])
  if (budget !== null) lines.push(['budget per user and month', budgetWords(budget)])
  const width = Math.max(...lines.map(([label]) => label.length))
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n')
}

const tierWords = ({ hard_cap_tokens: cap, utilization, fits, pattern }: PlanAnswer['tier']): string => {
  if (cap === null || utilization === null) return `takes it: its pool is what the contract says (${pattern})`
  return `${fits ? 'takes it' : 'is too small'}: ${PERCENT.format(utilization)} of ${WHOLE.format(cap)} per user (${pattern})`
}

const costWords = (cost: NonNullable<PlanAnswer['cost']>, users: number): string => {
  const { per_call_usd: call, per_user_usd: user, of_users_usd: all, reason } = cost
  if (call === null || user === null || all === null) return `no figure: ${reason ?? cost.status}`
  return `${usd(user)} per user and month, ${usd(all)} for ${WHOLE.format(users)} (${usd(call)} per call)`
}

const budgetWords = ({ max_cost_usd, within, tokens_within: tokens }: NonNullable<PlanAnswer['budget']>): string => {
  const verdict =
    within === null ? 'give a model to compare' : within ? 'the cost stays within it' : 'the cost is above it'
  return `${usd(max_cost_usd)}: ${verdict}${tokens === null ? '' : `; it buys ${WHOLE.format(tokens)} effective tokens`}`
}
