-- KPI 2: what does an active user cost per hour, against the same hours of the week before?
CREATE OR REPLACE VIEW {{db}}.kpi_active_user_series {{on_cluster}} AS
WITH
  {{range}},
  toStartOfHour(from_slot) AS hour_from,
  counted AS (
    SELECT user_key, toStartOfHour(price_slot) AS hour, {{counters}} FROM {{all:user_counters}}
    WHERE price_slot >= hour_from - INTERVAL 7 DAY AND price_slot < {to_time:DateTime('UTC')} AND (price_slot >= from_slot OR price_slot < hour_from) AND user != '' AND {{filters:tenants features tiers models}}
  ),
  per_hour AS (
    SELECT hour, countIf(user_calls > 0) AS active, sum(user_cost) AS cost, sum(user_charges) AS charges, sum(user_unpriced) AS unpriced_calls FROM (
      SELECT hour, user_key, sum(femto9) AS user_cost, sum(calls) AS user_calls, sum(charges) AS user_charges, sumIf(charges, unpriced) AS user_unpriced
      FROM {{priced:counted}} GROUP BY hour, user_key HAVING user_charges > 0
    ) GROUP BY hour
  ),
  compared AS (
    SELECT *, toUInt32(toDate(hour)) AS day_number,
      sum(active) OVER (PARTITION BY toHour(hour) ORDER BY day_number RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING) AS usual_active,
      sum(cost) OVER (PARTITION BY toHour(hour) ORDER BY day_number RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING) AS usual_cost,
      sum(charges - unpriced_calls) OVER (PARTITION BY toHour(hour) ORDER BY day_number RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING) AS usual_priced
    FROM per_hour
  )
SELECT hour AS time, toUInt64(active) AS active_users, if(unpriced_calls = charges, NULL, {{usd_per:cost | active}}) AS cost_usd,
  if(usual_priced > 0, {{usd_per:usual_cost | usual_active}}, NULL) AS baseline_usd,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / charges AS priced_share
FROM compared
WHERE hour >= hour_from
ORDER BY time
