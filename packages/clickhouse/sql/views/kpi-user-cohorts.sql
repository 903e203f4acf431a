-- KPI 2: do newer cohorts cost more than older ones? By signup month and tier of the users facts.
CREATE OR REPLACE VIEW {{db}}.kpi_user_cohorts {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
{{part:user-facts}},
  -- A call that was reversed may leave a day without any: such users are netted day by day, all others at once.
  reversed AS (
    SELECT user_key FROM {{all:user_counters}} WHERE price_slot >= as_of_or_now - INTERVAL 30 DAY AND price_slot < as_of_or_now AND charges < 0
  ),
  counted AS (
    SELECT user_key, tier, {{counters}} FROM {{all:user_counters}}
    WHERE price_slot >= toStartOfInterval(as_of_or_now - INTERVAL 30 DAY, INTERVAL 30 MINUTE) AND price_slot >= as_of_or_now - INTERVAL 30 DAY AND price_slot < as_of_or_now
      AND user != '' AND {{filters:tenants tiers}}
  ),
  per_tier AS (
    SELECT user_key, tier, sum(calls) AS tier_calls, sum(charges) AS tier_charges, sumIf(charges, unpriced) AS tier_unpriced, sum(femto9) AS tier_cost,
      if(tier_charges > 0, toDate(maxIf(price_slot, charges > 0)), toDate(0)) AS last_day
    FROM {{priced:counted}} GROUP BY user_key, tier, if(user_key IN (SELECT user_key FROM reversed), toDate(price_slot), toDate(0))
  ),
  per_user AS (
    SELECT user_key, sum(tier_calls) AS user_calls, sum(tier_charges) AS user_charges, sum(tier_unpriced) AS user_unpriced, sum(tier_cost) AS user_cost,
      max(if(tier_charges > 0, (last_day, toString(per_tier.tier)), (toDate(0), ''))).2 AS seen_tier
    FROM per_tier GROUP BY user_key HAVING user_calls > 0
  ),
  cohorts AS (
    SELECT if(user_facts.user_key = 0, NULL, user_fact.2) AS signup, if(user_facts.user_key = 0, seen_tier, toString(user_fact.1)) AS cohort_tier,
      count() AS users, sum(user_charges) AS charges, sum(user_unpriced) AS unpriced_calls, countIf(user_unpriced = 0) AS complete,
      quantilesExactIf(0.5, 0.95)(user_cost, user_unpriced = 0) AS percentiles
    FROM per_user LEFT JOIN user_facts ON per_user.user_key = user_facts.user_key
    GROUP BY signup, cohort_tier
  ),
  compared AS (
    SELECT *, toInt32(ifNull(toYear(signup) * 12 + toMonth(signup), 0)) AS month_number,
      sum(if(complete > 0, percentiles[1], 0)) OVER (PARTITION BY cohort_tier ORDER BY month_number RANGE BETWEEN 12 PRECEDING AND 12 PRECEDING) AS older_cost,
      if(complete > 0 AND older_cost > 0, toFloat64(percentiles[1]) / toFloat64(older_cost) - 1, NULL) AS drift
    FROM cohorts
  )
SELECT signup AS signup_month, cohort_tier AS tier, toUInt64(users) AS users,
  if(complete = 0, NULL, {{usd:percentiles[1]}}) AS median_usd, if(complete = 0, NULL, {{usd:percentiles[2]}}) AS p95_usd,
  drift, {{band:cohort_drift:drift}} AS drift_band,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / charges AS priced_share
FROM compared
ORDER BY signup_month, tier
