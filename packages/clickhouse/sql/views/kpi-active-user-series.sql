-- KPI 2: what does an active user cost per hour, against the same hours of the week before?
CREATE OR REPLACE VIEW {{db}}.kpi_active_user_series {{on_cluster}} AS
WITH
  {{range}},
  toStartOfHour(from_slot) AS hour_from,
  counted AS (
    SELECT user_key, toStartOfHour(price_slot) AS hour, {{counters}} FROM {{db}}.user_counters
    WHERE price_slot >= hour_from - INTERVAL 7 DAY AND price_slot < {to_time:DateTime('UTC')} AND (price_slot >= from_slot OR price_slot < hour_from) AND user != '' AND {{filters:tenants features tiers models}}
  ),
  per_hour AS (
    SELECT hour, count() AS active, sum(user_cost) AS cost, sum(user_calls) AS calls, sum(user_unpriced) AS unpriced_calls FROM (
      SELECT hour, user_key, sum(femto9) AS user_cost, sum(calls) AS user_calls, sumIf(calls, unpriced) AS user_unpriced
      FROM {{priced:counted}} GROUP BY hour, user_key HAVING user_calls > 0
    ) GROUP BY hour
  ),
  usual AS (
    SELECT later AS hour, sum(active) AS usual_active, sum(cost) AS usual_cost
    FROM per_hour ARRAY JOIN arrayMap(days -> hour + days * 86400, range(1, 8)) AS later GROUP BY hour
  )
SELECT per_hour.hour AS time, toUInt64(active) AS active_users, if(unpriced_calls = calls, NULL, {{usd_per:cost | active}}) AS cost_usd,
  {{usd_per:usual_cost | usual_active}} AS baseline_usd,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / calls AS priced_share
FROM per_hour LEFT JOIN usual ON per_hour.hour = usual.hour
WHERE per_hour.hour >= hour_from
ORDER BY time
