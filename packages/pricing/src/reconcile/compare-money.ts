/**
 * The exact split of one difference (spec: pricing §15): Δ = (q_theirs − q_ours)·p_ours + q_theirs·(p_theirs − p_ours),
 * summed over the quantities that one charge pays for.
 */
import type { Finding } from '#src/reconcile/finding.ts'
import type { MoneyGroup } from '#src/reconcile/money-groups.ts'
import { explainPrice, type PriceFacts } from '#src/reconcile/price-causes.ts'
import { ANY_TIER, type QuantityLine } from '#src/reconcile/quantity-lines.ts'
import { costOf, type QuectoUsd, ratioOf, type UnitPrice } from '#src/reconcile/quecto-usd.ts'
import type { ComparedMoney, ComparedQuantity } from '#src/reconcile/reconciliation.ts'

const CHECKS: Readonly<Record<string, string>> = {
  not_instrumented: 'instrument the callers of this model, or list their project',
  unsettled: 'compare again when the traces have settled; complete the attribution of what is in quarantine',
  double_counted: 'look for two spans of one response id',
  tier_unknown: 'report the served tier on the span',
  retries_or_aborts: 'record every attempt as its own span',
}
const MORE = 'group the export by project and key for this day and look for callers that send no spans'
const LESS = 'look for calls counted twice, and for calls of another organisation or key'

const sum = (amounts: readonly QuectoUsd[]): QuectoUsd => amounts.reduce((total, amount) => total + amount, 0n)

/** Quantities that only the provider knows have no price of ours: they are priced as charged. */
const chargedPrice = ({ lines, charged }: MoneyGroup, theirs: QuectoUsd): UnitPrice | null => {
  const units = sum(lines.map((line) => line.theirs ?? 0n))
  const ourless = lines.every(({ price, ours }) => price === null && ours === 0n)
  return charged && ourless && units !== 0n ? ratioOf(theirs, units) : null
}

/** The findings of one line's quantity part. Rounded as one running sum, so that they add up to the part itself. */
const quantityFindings = (line: QuantityLine, price: UnitPrice | null): Finding[] => {
  const pieces: { cause: Finding['cause']; units: bigint }[] = [...line.shares]
  if (line.rest !== 0n) pieces.push({ cause: 'unexplained', units: line.rest })
  let units = 0n
  let amount = 0n
  return pieces.map((piece) => {
    units += piece.units
    const before = amount
    amount = price === null ? 0n : costOf(units, price)
    return {
      cause: piece.cause,
      part: 'quantity',
      day: line.day,
      model: line.model,
      tier: line.tier === ANY_TIER ? null : line.tier,
      meter: line.meter,
      units: piece.units,
      amount: amount - before,
      rows: [...line.rows],
      check: CHECKS[piece.cause] ?? (piece.cause !== 'unexplained' ? '' : piece.units > 0n ? MORE : LESS),
    }
  })
}

const single = <T>(values: readonly T[]): T | null => {
  const [first, ...others] = new Set(values)
  return first === undefined || others.length > 0 ? null : first
}

const comparedOf = ({ day, model, tier, meter, ours, theirs, rest, price }: QuantityLine): ComparedQuantity => ({
  day,
  model,
  tier,
  meter,
  ours,
  theirs,
  unexplained: rest,
  price,
})

export const compareMoney = (group: MoneyGroup, facts: PriceFacts): ComparedMoney => {
  const { day, lines, costs, charged } = group
  const ours = sum(lines.map(({ cost }) => cost))
  const amounts = sum(costs.map(({ amount }) => amount))
  const asCharged = chargedPrice(group, amounts)
  const quantity = lines.flatMap((line) => quantityFindings(line, line.price ?? asCharged))
  const quantityPart = sum(quantity.map(({ amount }) => amount))
  const theirs = charged ? amounts : ours + quantityPart
  // Whatever the rounding of a product did, the price part is the rest of the difference: nothing is lost between them.
  const pricePart = theirs - ours - quantityPart
  const model = single(lines.map((line) => line.model))
  const tier = single(lines.map((line) => line.tier))
  const price = explainPrice({ group, amount: pricePart, theirs, facts }).map(
    (share): Finding => ({
      ...share,
      part: 'price',
      day,
      model,
      tier: tier === ANY_TIER ? null : tier,
      meter: single(lines.map(({ meter }) => meter)),
      units: null,
    }),
  )
  const [line, ...others] = lines
  const units = line === undefined || others.length > 0 ? 0n : (line.theirs ?? 0n)
  return {
    day,
    labels: [...new Set(costs.map(({ label }) => label))],
    quantities: lines.map(comparedOf),
    charged,
    theirs,
    ours,
    quantityPart,
    pricePart,
    theirPrice: charged && units !== 0n ? ratioOf(theirs, units) : null,
    findings: [...quantity, ...price],
  }
}
