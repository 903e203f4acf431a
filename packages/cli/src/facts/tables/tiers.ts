/** Tiers: caps, and the ONE overage pattern of each (spec: kpis §4, enforcement). */
import { type TierFact, tiersTable } from '@outlay/clickhouse'
import {
  double,
  idText,
  moneyAboveZero,
  oneOf,
  optional,
  orNull,
  required,
  tokenCount,
} from '#src/facts/cell-schema.ts'
import { type BrokenRule, defineFactSource } from '#src/facts/fact-source.ts'
import { instant } from '#src/facts/time-schema.ts'

const SOFT_CAP_SHARE = 0.7
const ONE_PATTERN =
  'a tier has one overage pattern: with two, nobody could tell what happens at the cap, or what a rate of overage means'

const capsOf = ({
  scope,
  cap_basis,
  hard_cap_tokens,
  max_cost_usd,
  target_margin,
}: TierFact): readonly BrokenRule[] => {
  const broken: BrokenRule[] = []
  const hasMoneyBudget = max_cost_usd !== null || target_margin !== null
  if (cap_basis !== 'absolute' && scope === 'user') {
    broken.push({
      column: 'cap_basis',
      what: `a cap ${cap_basis} is shared by a workspace, not by a user`,
      want: 'absolute, or scope workspace',
    })
  }
  if (cap_basis === 'pool' && hard_cap_tokens !== null) {
    broken.push({
      column: 'hard_cap_tokens',
      what: 'a tier on the contracted pool has no cap of its own',
      fix: 'leave it empty: the pool is in the facts of each tenant',
    })
  }
  if (cap_basis !== 'pool' && hard_cap_tokens === null && !hasMoneyBudget) {
    broken.push({
      column: 'hard_cap_tokens',
      what: 'a tier without any cap',
      want: 'hard_cap_tokens, max_cost_usd or target_margin',
    })
  }
  return broken
}

const softCapOf = ({ pattern, soft_cap_tokens, soft_cap_share, hard_cap_tokens }: TierFact): readonly BrokenRule[] => {
  if (soft_cap_tokens !== null && hard_cap_tokens !== null && soft_cap_tokens > hard_cap_tokens) {
    return [
      {
        column: 'soft_cap_tokens',
        what: 'the soft cap is above the hard cap',
        got: `${soft_cap_tokens}`,
        want: `at most ${hard_cap_tokens}`,
      },
    ]
  }
  const isBelow = soft_cap_tokens === null ? soft_cap_share < 1 : soft_cap_tokens !== hard_cap_tokens
  if (pattern !== 'hard_cap' || !isBelow) return []
  return [
    {
      column: soft_cap_tokens === null ? 'soft_cap_share' : 'soft_cap_tokens',
      what: 'a soft cap below the hard cap of a hard_cap tier is a second pattern',
      want: 'no soft cap, or one equal to the hard cap; or the pattern soft_cap',
      fix: ONE_PATTERN,
    },
  ]
}

const moneyOf = ({ scope, max_cost_usd, target_margin }: TierFact): readonly BrokenRule[] => {
  if (max_cost_usd !== null && target_margin !== null) {
    return [
      {
        column: 'target_margin',
        what: 'two budgets in money on one tier',
        want: 'max_cost_usd or target_margin, not both',
      },
    ]
  }
  if (target_margin === null || scope === 'user') return []
  return [{ column: 'target_margin', what: 'a margin is of a seat price, which only a user has', want: 'scope user' }]
}

/** The database keeps a share on every row: none given is 70 %, and none below the hard cap for a `hard_cap` tier. */
const withSoftShare = (row: TierFact): TierFact => ({
  ...row,
  soft_cap_share: Number.isNaN(row.soft_cap_share)
    ? row.pattern === 'hard_cap'
      ? 1
      : SOFT_CAP_SHARE
    : row.soft_cap_share,
})

export const tierFacts = defineFactSource(tiersTable, {
  columns: {
    tier: required(idText),
    scope: required<string>(oneOf(['user', 'workspace'])),
    cap_basis: required<string>(oneOf(['absolute', 'per_seat', 'pool'])),
    soft_cap_tokens: orNull(tokenCount),
    soft_cap_share: optional(
      double('a share above 0 and up to 1, such as 0.7', (share) => share > 0 && share <= 1),
      Number.NaN,
    ),
    hard_cap_tokens: orNull(tokenCount),
    pattern: required<string>(oneOf(['hard_cap', 'soft_cap', 'payg'], ONE_PATTERN)),
    max_cost_usd: orNull(moneyAboveZero),
    target_margin: orNull(double('a share from 0 to below 1, such as 0.8', (share) => share >= 0 && share < 1)),
    valid_from: required(instant),
  },
  complete: withSoftShare,
  key: ['tier', 'valid_from'],
  brokenRules: (row) => [...capsOf(row), ...softCapOf(row), ...moneyOf(row)],
  contradiction: (earlier, later) =>
    earlier.pattern === later.pattern
      ? undefined
      : {
          column: 'pattern',
          what: `the tier ${JSON.stringify(later.tier)} mixes the overage patterns ${earlier.pattern} and ${later.pattern} from the same time on`,
          fix: ONE_PATTERN,
        },
})
