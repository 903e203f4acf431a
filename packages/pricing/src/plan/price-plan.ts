/** What planned usage costs, and how much of it a budget in money allows (spec: kpis §4). */
import { divideHalfEven, type FemtoUsd, type MeterQuantities, parseDecimal } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { askPrice } from '#src/explain-usage.ts'
import { type CostStatus, priceUsage } from '#src/price-usage.ts'
import { callsOf, type PlannedUsage, type Ratio } from './size-plan.ts'

interface PlannedModel {
  readonly provider: string
  readonly model: string
  readonly atMs: number
}

export interface PlanPrice {
  readonly status: CostStatus
  /** Why there is no figure in dollars; null if there is one. */
  readonly reason: string | null
  /** Absent without a figure. */
  readonly callFemtoUsd?: FemtoUsd
  /** One user and month. */
  readonly userFemtoUsd?: FemtoUsd
  /** Output price ÷ input price; absent where one of the two is missing or the input is free. */
  readonly multiplier?: Ratio
}

const PROBE_TOKENS = 1
const PRICE_PLACES = 9

/** Each call of the plan is priced as one call of that size: long-context prices hold where they would. */
export const pricePlan = (book: BookData, usage: PlannedUsage, model: PlannedModel): PlanPrice => {
  const priceOf = (quantities: MeterQuantities): Priced =>
    priceUsage(book, askPrice({ ...model, usage: quantities }, book))
  const input = Number(usage.inputTokens + usage.retrievedTokens)
  const priced = priceOf({ input, output: Number(usage.outputTokens) })
  const multiplier = multiplierOf(priceOf({ input: Math.max(PROBE_TOKENS, input), output: PROBE_TOKENS }).lines)
  const ratio = multiplier === undefined ? {} : { multiplier }
  if (priced.costFemto === undefined || priced.currency !== 'USD') {
    return { status: priced.status, reason: reasonOf(priced), ...ratio }
  }
  const calls = callsOf(usage)
  return {
    status: priced.status,
    reason: null,
    callFemtoUsd: priced.costFemto,
    userFemtoUsd: divideHalfEven(priced.costFemto * calls.numerator, calls.denominator),
    ...ratio,
  }
}

type Priced = ReturnType<typeof priceUsage>

const reasonOf = ({ resolved, currency, missing, status }: Priced): string => {
  if (resolved !== undefined && resolved.state !== 'ok') return resolved.reason
  if (missing.length > 0) return `no price of ${missing.join(', ')}`
  return status === 'priced' ? `the list is in ${currency}; nothing is converted here` : status
}

const multiplierOf = (lines: Priced['lines']): Ratio | undefined => {
  const perToken = (meter: 'input' | 'output'): { price: bigint; per: bigint } | undefined => {
    const line = lines.find((candidate) => candidate.meter === meter)
    return line === undefined ? undefined : { price: parseDecimal(line.price, PRICE_PLACES), per: BigInt(line.per) }
  }
  const [input, output] = [perToken('input'), perToken('output')]
  if (input === undefined || output === undefined || input.price <= 0n) return undefined
  return { numerator: output.price * input.per, denominator: input.price * output.per }
}

/** Budget in money of one user and month: seat price × (1 − target margin). `margin` is from 0 to below 1. */
export const moneyCapOf = (seatFemtoUsd: FemtoUsd, margin: Ratio): FemtoUsd =>
  divideHalfEven(seatFemtoUsd * (margin.denominator - margin.numerator), margin.denominator)

/** Effective tokens that a budget in money buys when `tokens` cost `cost`; rounded down. `undefined` where they cost nothing. */
export const tokensWithin = (budget: FemtoUsd, tokens: bigint, cost: FemtoUsd): bigint | undefined =>
  cost > 0n ? (budget * tokens) / cost : undefined
