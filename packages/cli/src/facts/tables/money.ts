/** Facts in money: revenue, exchange rates, and what a provider bills to the account. */
import { type AccountChargeFact, accountChargesTable, fxRatesTable, revenueTable } from '@outlay/clickhouse'
import {
  currencyCode,
  freeText,
  idText,
  lowerCaseId,
  money,
  oneOf,
  optional,
  rateAboveZero,
  required,
} from '#src/facts/cell-schema.ts'
import { type BrokenRule, defineFactSource } from '#src/facts/fact-source.ts'
import type { FactCell } from '#src/facts/fact-sheet.ts'
import { day, dayOrMonth, isMonthText, month } from '#src/facts/time-schema.ts'

export const revenueFacts = defineFactSource(revenueTable, {
  columns: {
    month: required(month),
    scope_kind: required<string>(oneOf(['tenant', 'feature', 'tier', 'product', 'cohort'])),
    scope: required(idText),
    amount: required(money),
    currency: required(currencyCode),
  },
  key: ['month', 'scope_kind', 'scope', 'currency'],
})

export const fxRateFacts = defineFactSource(fxRatesTable, {
  columns: {
    base: required(currencyCode),
    quote: required(currencyCode),
    day: required(day),
    rate: required(rateAboveZero),
    source: required(freeText),
  },
  key: ['base', 'quote', 'day'],
  brokenRules: ({ base, quote }) =>
    base === quote
      ? [{ column: 'quote', what: 'a rate of a currency in itself', got: quote, want: 'another currency' }]
      : [],
})

const MS_PER_DAY = 86_400_000
const REDUCES = new Set(['credit', 'free_allowance'])

const brokenCharge = (
  { grain, kind, period, amount }: AccountChargeFact,
  given: (column: string) => FactCell,
): readonly BrokenRule[] => {
  const broken: BrokenRule[] = []
  if (grain === 'day' && isMonthText(given('period'))) {
    broken.push({ column: 'period', what: 'a month where the grain is a day', want: 'YYYY-MM-DD' })
  }
  if (grain === 'month' && new Date(period * MS_PER_DAY).getUTCDate() !== 1) {
    broken.push({ column: 'period', what: 'a day where the grain is a month', want: 'YYYY-MM, or its first day' })
  }
  if (REDUCES.has(kind) && amount > 0n) {
    broken.push({ column: 'amount', what: `a ${kind} that costs something`, want: 'an amount up to 0' })
  }
  return broken
}

export const accountChargeFacts = defineFactSource(accountChargesTable, {
  columns: {
    provider: required(lowerCaseId),
    period: required(dayOrMonth),
    grain: required<string>(oneOf(['day', 'month'])),
    kind: required<string>(oneOf(['account', 'credit', 'tax', 'free_allowance'])),
    label: required(freeText),
    amount: required(money),
    model: optional(idText, ''),
    source: required(freeText),
  },
  key: ['provider', 'period', 'grain', 'kind', 'label', 'model'],
  // Equal words are one charge, whatever their case: so they are matched with the lines of the provider.
  keyPart: (column, value) => (column === 'label' ? String(value).trim().toLowerCase() : value),
  brokenRules: brokenCharge,
})
