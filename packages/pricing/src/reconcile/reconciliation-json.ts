/** A reconciliation as JSON: money as exact decimal text, quantities as text, the order of keys fixed. */
import { type Meter, METER_DEFINITIONS } from '@outlay/core'
import type { Finding } from '#src/reconcile/finding.ts'
import { displayPrice, formatQuecto, type UnitPrice } from '#src/reconcile/quecto-usd.ts'
import type { ComparedQuantity, Reconciliation } from '#src/reconcile/reconciliation.ts'

const PRICE_DECIMALS = 12

const priceJson = (price: UnitPrice | null, meter: Meter | undefined) => {
  if (price === null || meter === undefined) return null
  const { per } = METER_DEFINITIONS[meter]
  return { usd: displayPrice(price, per, PRICE_DECIMALS), per }
}

const findingJson = ({ cause, part, day, model, tier, meter, units, amount, rows, check }: Finding) => ({
  cause,
  part,
  day,
  model,
  tier,
  meter,
  units: units === null ? null : String(units),
  usd: formatQuecto(amount),
  rows,
  check,
})

const quantityJson = ({ day, model, tier, meter, ours, theirs, unexplained, price }: ComparedQuantity) => ({
  day,
  model,
  tier,
  meter,
  ours: String(ours),
  theirs: theirs === null ? null : String(theirs),
  unexplained: String(unexplained),
  our_price: priceJson(price, meter),
})

/**
 * Amounts are decimal strings of US dollars with as many digits as they need, so that sums of strings are exact too.
 * Prices are rounded to 12 decimals and are for reading only.
 */
export const reconciliationJson = (result: Reconciliation) => {
  const { provider, from, to, totals, goalPermille, withinGoal } = result
  return {
    provider,
    from,
    to,
    totals: {
      theirs: formatQuecto(totals.theirs),
      ours: formatQuecto(totals.ours),
      difference: formatQuecto(totals.difference),
      quantity: formatQuecto(totals.quantity),
      price: formatQuecto(totals.price),
      unexplained: formatQuecto(totals.unexplained),
      by_cause: Object.fromEntries(
        Object.entries(totals.byCause).map(([cause, amount]) => [cause, formatQuecto(amount)]),
      ),
    },
    goal_permille: goalPermille,
    within_goal: withinGoal,
    months: result.months.map(({ month, billed, unexplained, withinGoal: within }) => ({
      month,
      billed: formatQuecto(billed),
      unexplained: formatQuecto(unexplained),
      within_goal: within,
    })),
    findings: result.findings.map(findingJson),
    money: result.money.map((money) => ({
      day: money.day,
      labels: money.labels,
      charged: money.charged,
      theirs: formatQuecto(money.theirs),
      ours: formatQuecto(money.ours),
      quantity_part: formatQuecto(money.quantityPart),
      price_part: formatQuecto(money.pricePart),
      their_price: priceJson(money.theirPrice, money.quantities[0]?.meter),
      quantities: money.quantities.map(quantityJson),
    })),
    account: result.account.map(({ period, label, theirs, ours }) => ({
      period,
      label,
      theirs: formatQuecto(theirs),
      ours: formatQuecto(ours),
    })),
    notes: result.notes,
  }
}
