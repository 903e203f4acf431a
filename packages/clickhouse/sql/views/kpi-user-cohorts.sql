-- KPI 2: do newer cohorts cost more than older ones? By signup month and tier of the users facts.
CREATE OR REPLACE VIEW {{db}}.kpi_user_cohorts {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
{{part:user-facts}},
  counted AS (
    SELECT user_key, tier, {{counters}} FROM {{all:user_counters}}
    WHERE price_slot >= toStartOfInterval(as_of_or_now - INTERVAL 30 DAY, INTERVAL 30 MINUTE) AND price_slot >= as_of_or_now - INTERVAL 30 DAY AND price_slot < as_of_or_now
      AND user != '' AND {{filters:tenants tiers}}
  ),
  per_day AS (
    SELECT user_key, tier, toDate(price_slot) AS day, sum(calls) AS day_calls, sum(charges) AS day_charges, sumIf(charges, unpriced) AS day_unpriced, sum(femto9) AS day_cost
    FROM {{priced:counted}} GROUP BY user_key, tier, day
  ),
  per_user AS (
    SELECT user_key, sum(day_calls) AS user_calls, sum(day_charges) AS user_charges, sum(day_unpriced) AS user_unpriced, sum(day_cost) AS user_cost,
      max(if(day_charges > 0, (day, toString(per_day.tier)), (toDate(0), ''))).2 AS seen_tier
    FROM per_day GROUP BY user_key HAVING user_calls > 0
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
