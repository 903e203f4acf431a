import type { TierFact } from '#src/tables/fact-tables.ts'

const SOFT_CAP_SHARE = 0.7

/** Tiers of kpis.md §4, holding since the epoch until the operator loads tiers of their own. */
export const DEFAULT_TIERS: readonly TierFact[] = [
  { tier: 'free', scope: 'user', cap_basis: 'absolute', soft: 50_000n, hard: 50_000n, pattern: 'hard_cap' },
  { tier: 'pro', scope: 'user', cap_basis: 'absolute', soft: 350_000n, hard: 500_000n, pattern: 'soft_cap' },
  { tier: 'team', scope: 'workspace', cap_basis: 'per_seat', soft: null, hard: 3_000_000n, pattern: 'payg' },
  { tier: 'enterprise', scope: 'workspace', cap_basis: 'pool', soft: null, hard: null, pattern: 'payg' },
].map(({ soft, hard, ...tier }) => ({
  ...tier,
  soft_cap_tokens: soft,
  soft_cap_share: SOFT_CAP_SHARE,
  hard_cap_tokens: hard,
  max_cost_usd: null,
  target_margin: null,
  valid_from: 0,
}))
