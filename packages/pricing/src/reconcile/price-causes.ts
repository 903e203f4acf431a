/** Why the provider's price differs from ours. Each cause takes an exact amount; the rest stays unexplained. */
import { divideHalfEven, METER_DEFINITIONS } from '@outlay/core'
import type { PriceCause } from '#src/reconcile/finding.ts'
import type { KnownPrice } from '#src/reconcile/ledger-side.ts'
import type { MoneyGroup } from '#src/reconcile/money-groups.ts'
import { ANY_TIER, type QuantityLine } from '#src/reconcile/quantity-lines.ts'
import {
  CENT,
  costOf,
  displayPrice,
  magnitudeOf,
  type QuectoUsd,
  QUECTO_PER_USD,
  ratioOf,
  unitPriceOf,
} from '#src/reconcile/quecto-usd.ts'

export interface PriceShare {
  readonly cause: PriceCause | 'unexplained'
  readonly amount: QuectoUsd
  readonly rows: readonly string[]
  readonly check: string
}

interface Question {
  readonly group: MoneyGroup
  /** What the provider charged beyond, or short of, their quantities at our prices. */
  readonly amount: QuectoUsd
  readonly theirs: QuectoUsd
  readonly facts: PriceFacts
}

/** An allowance or credit on one model, with what is left of it (negative). */
export interface Allowance {
  readonly cause: 'free_allowance' | 'credit'
  /** A day or a month. */
  readonly period: string
  readonly model: string
  readonly label: string
  left: QuectoUsd
}

export interface PriceFacts {
  readonly prices: readonly KnownPrice[]
  readonly allowances: readonly Allowance[]
}

const ENTER_ROW = 'compare the row with the provider’s price page; supersede it, or enter the contract'
const UNEXPLAINED =
  'compare the line with the provider’s price page and your contract; enter allowances and credits as account charges'

const toleranceOf = ({ costs }: MoneyGroup): QuectoUsd => CENT * BigInt(Math.max(1, costs.length))

const isFor = (price: KnownPrice, { day, model, tier, meter }: QuantityLine): boolean =>
  price.model === model &&
  price.meter === meter &&
  (price.tier === null || tier === ANY_TIER || price.tier === tier) &&
  price.from <= day &&
  (price.to === null || day < price.to)

const rowsOf = ({ lines }: MoneyGroup): string[] => [...new Set(lines.flatMap(({ rows }) => [...rows]))]

/** What another known price would change, for every line it is about. */
const changeBy = (lines: readonly QuantityLine[], prices: readonly KnownPrice[]): QuectoUsd =>
  lines.reduce((sum, line) => {
    const price = prices.find((candidate) => isFor(candidate, line))
    if (price === undefined) return sum
    const units = line.theirs ?? line.ours
    return (
      sum +
      costOf(units, unitPriceOf(price.fusd, price.ninths)) -
      (line.price === null ? 0n : costOf(units, line.price))
    )
  }, 0n)

/** The known prices of one cause that explain the amount to within `tolerance`, and what they explain of it. */
const knownShare = ({ group, amount, facts }: Question, tolerance: QuectoUsd): PriceShare | undefined => {
  for (const cause of ['contract', 'stale_price'] as const) {
    const fitting = facts.prices.filter(
      (price) => price.cause === cause && group.lines.some((line) => isFor(price, line)),
    )
    // One line can have several candidates; lines that are billed together are all taken at the prices of one set.
    const attempts =
      group.lines.length === 1
        ? fitting.map((price) => [price])
        : [...Map.groupBy(fitting, ({ set }) => set ?? '').values()]
    for (const prices of attempts.filter((attempt) => attempt.length > 0)) {
      const change = changeBy(group.lines, prices)
      if (change === 0n || magnitudeOf(amount - change) > tolerance) continue
      const check = cause === 'contract' ? '' : 'reprice the period with the named row'
      return { cause, amount: change, rows: [...rowsOf(group), ...prices.map(({ row }) => row)], check }
    }
  }
  return undefined
}

/** Certainty that a fitting price is no accident: the tolerance covers at most 1/100 of the step between prices. */
const CHANCE = 100n
const PRICE_DECIMALS_MAX = 3

/** The price per quoted quantity with the fewest decimals that gives what was charged; undefined where none stands out. */
const listPriceBehind = (line: QuantityLine, theirs: QuectoUsd, tolerance: QuectoUsd): QuectoUsd | undefined => {
  const units = line.theirs ?? line.ours
  if (units <= 0n || theirs <= 0n) return undefined
  const per = BigInt(METER_DEFINITIONS[line.meter].per)
  for (let decimals = 0; decimals <= PRICE_DECIMALS_MAX; decimals += 1) {
    const step = QUECTO_PER_USD / 10n ** BigInt(decimals)
    const price = divideHalfEven(theirs * per, units * step) * step
    const charged = costOf(units, ratioOf(price, per))
    if (price > 0n && charged === theirs) return price
    const certain = CHANCE * tolerance * per < step * units
    if (price > 0n && certain && magnitudeOf(charged - theirs) <= tolerance) return price
  }
  return undefined
}

const staleShare = ({ group, theirs }: Question, tolerance: QuectoUsd): PriceShare | undefined => {
  const [line, ...others] = group.lines
  if (line === undefined || others.length > 0) return undefined
  const price = listPriceBehind(line, theirs, tolerance)
  if (price === undefined) return undefined
  const { per } = METER_DEFINITIONS[line.meter]
  const units = line.theirs ?? line.ours
  const perUnit = ratioOf(price, BigInt(per))
  const change = costOf(units, perUnit) - (line.price === null ? 0n : costOf(units, line.price))
  const rows = [...line.rows, `provider charged ${displayPrice(perUnit, per)} per ${per}`]
  return { cause: 'stale_price', amount: change, rows, check: ENTER_ROW }
}

const withRounding = (share: PriceShare, { amount, group }: Question): PriceShare[] => {
  const left = amount - share.amount
  return left === 0n ? [share] : [share, { cause: 'rounding', amount: left, rows: labelsOf(group), check: '' }]
}

const labelsOf = ({ costs }: MoneyGroup): string[] => [...new Set(costs.map(({ label }) => label))]

/** What booked allowances take off the group's lines; uses them up. */
const allowanceShares = ({ group, amount, facts }: Question): PriceShare[] => {
  const shares: PriceShare[] = []
  let left = amount
  for (const allowance of facts.allowances) {
    const { cause, period, model, label } = allowance
    if (!group.day.startsWith(period) || !group.lines.some((line) => line.model === model)) continue
    const taken = left > allowance.left ? left : allowance.left
    if (taken >= 0n) continue
    allowance.left -= taken
    left -= taken
    shares.push({ cause, amount: taken, rows: [label], check: '' })
  }
  return shares
}

/** Splits the price part of one group. The shares sum to `amount`. Uses up the allowances it applies. */
export const explainPrice = (question: Question): PriceShare[] => {
  const { amount, group } = question
  if (amount === 0n) return []
  const exact = knownShare(question, 0n)
  if (exact !== undefined) return [exact]
  if (magnitudeOf(amount) <= toleranceOf(group)) {
    return [{ cause: 'rounding', amount, rows: labelsOf(group), check: '' }]
  }
  const allowed = allowanceShares(question)
  const left = allowed.reduce((rest, share) => rest - share.amount, amount)
  return left === 0n ? allowed : [...allowed, ...explainRest({ ...question, amount: left })]
}

const explainRest = (question: Question): PriceShare[] => {
  const { group, amount, theirs } = question
  const tolerance = toleranceOf(group)
  if (magnitudeOf(amount) <= tolerance) return [{ cause: 'rounding', amount, rows: labelsOf(group), check: '' }]
  const known = knownShare(question, tolerance)
  if (known !== undefined) return withRounding(known, question)
  // Only a line that says 0 says free; no line at all may be an export with a filter on it.
  if (theirs === 0n && group.costs.length > 0 && group.lines.some((line) => (line.theirs ?? 0n) > 0n)) {
    return [
      { cause: 'free_allowance', amount, rows: rowsOf(group), check: 'confirm that the provider gives this use free' },
    ]
  }
  if (group.lines.some(({ unpriced }) => unpriced !== 0n)) {
    const models = [
      ...new Set(
        group.lines
          .filter(({ unpriced }) => unpriced !== 0n)
          .map(({ model, tier, meter }) => `${model} ${tier} ${meter}`),
      ),
    ]
    return [
      {
        cause: 'stale_price',
        amount,
        rows: models.map((name) => `no price for ${name}`),
        check: 'add the missing price rows',
      },
    ]
  }
  const stale = staleShare(question, tolerance)
  if (stale !== undefined) return withRounding(stale, question)
  return [{ cause: 'unexplained', amount, rows: [...labelsOf(group), ...rowsOf(group)], check: UNEXPLAINED }]
}
