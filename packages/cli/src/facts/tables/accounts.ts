/** Facts of customers: contracts, users, what the product knows of them, and how their plans changed. */
import { engagementTable, planEventsTable, tenantsTable, usersTable } from '@outlay/clickhouse'
import {
  count,
  double,
  freeText,
  idText,
  moneyFromZero,
  oneOf,
  optional,
  orNull,
  privateText,
  required,
  tokenCount,
  userHash,
} from '#src/facts/cell-schema.ts'
import { type BrokenRule, defineFactSource } from '#src/facts/fact-source.ts'
import { day, instant, month } from '#src/facts/time-schema.ts'

export const tenantFacts = defineFactSource(tenantsTable, {
  columns: {
    tenant: required(idText),
    name: optional(freeText, ''),
    tier: required(idText),
    seats: optional(count, 0),
    pool_tokens: orNull(tokenCount),
    arr_usd: orNull(moneyFromZero),
    renewal_date: orNull(day),
    admin_contact: optional(privateText, ''),
    shared_cost_policy: optional<string>(oneOf(['account', 'even_split']), 'account'),
    valid_from: required(instant),
  },
  key: ['tenant', 'valid_from'],
})

export const userFacts = defineFactSource(usersTable, {
  columns: {
    user: required(userHash),
    tenant: required(idText),
    tier: required(idText),
    signup_month: required(month),
    seat_price_usd: orNull(moneyFromZero),
    valid_from: required(instant),
  },
  key: ['tenant', 'user', 'valid_from'],
})

export const engagementFacts = defineFactSource(engagementTable, {
  columns: {
    tenant: required(idText),
    user: required(userHash),
    signal: required(idText),
    score: orNull(double('a finite number')),
    valid_from: required(instant),
  },
  key: ['tenant', 'user', 'valid_from'],
})

/** Kinds that move somebody from one plan to another. */
const MOVES = new Set(['upgrade', 'downgrade'])

const brokenMove = ({
  kind,
  from_tier,
  to_tier,
}: {
  kind: string
  from_tier: string
  to_tier: string
}): BrokenRule[] => {
  if (!MOVES.has(kind)) return []
  const missing = (['from_tier', 'to_tier'] as const).filter(
    (column) => (column === 'from_tier' ? from_tier : to_tier) === '',
  )
  if (missing.length > 0) {
    return missing.map((column) => ({ column, what: `${kind} without a plan`, fix: 'give the plan before and after' }))
  }
  if (from_tier !== to_tier) return []
  return [
    {
      column: 'to_tier',
      what: `${kind} to the same plan`,
      fix: 'an event within one plan is an expansion or a renewal',
    },
  ]
}

export const planEventFacts = defineFactSource(planEventsTable, {
  columns: {
    tenant: required(idText),
    user: optional(userHash, ''),
    kind: required<string>(oneOf(['upgrade', 'downgrade', 'expansion', 'renewal', 'churn'])),
    from_tier: optional(idText, ''),
    to_tier: optional(idText, ''),
    at: required(instant),
  },
  key: ['tenant', 'user', 'kind', 'at'],
  brokenRules: brokenMove,
})
