-- Tiers that degrade after their soft cap, as they hold at the end of the question.
  soft_tiers AS (
    SELECT tier FROM {{db}}.tiers WHERE valid_from < as_of_or_now
    GROUP BY tier HAVING argMax(pattern, (valid_from, loaded_at)) = 'soft_cap'
  )
