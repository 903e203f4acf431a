-- Tiers as they hold at as_of.
  tier_facts AS (
    SELECT tier, argMax((scope, cap_basis, soft_cap_tokens, soft_cap_share, hard_cap_tokens, pattern, max_cost_usd, target_margin), (valid_from, loaded_at)) AS tier_fact
    FROM {{db}}.tiers WHERE valid_from < as_of_or_now GROUP BY tier
  )
