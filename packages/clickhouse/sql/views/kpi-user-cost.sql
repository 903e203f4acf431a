-- KPI 2: what does a user cost this month, how concentrated is the spend, and does a seat carry it?
CREATE OR REPLACE VIEW {{db}}.kpi_user_cost {{on_cluster}} AS
WITH
  {{month}},
  as_of_or_now - INTERVAL 30 DAY AS days_from,
  toStartOfHour(as_of_or_now) - INTERVAL 1 HOUR AS hour_from,
{{part:user-month}},
  hourly AS (
    SELECT user_key, tenant, toStartOfHour(price_slot) AS hour, user, {{counters}}
    FROM {{all:user_counters}}
    WHERE price_slot >= hour_from - INTERVAL 7 DAY AND price_slot < hour_from + INTERVAL 1 HOUR AND user != ''
      AND (toUnixTimestamp(price_slot) - toUnixTimestamp(hour_from - INTERVAL 7 DAY)) % 86400 < 3600 AND {{filters:tenants features tiers models}}
  ),
  per_hour AS (
    SELECT hour, countIf(user_hour_calls > 0) AS active, sum(user_hour_cost) AS hour_cost, sum(user_hour_unpriced) AS hour_unpriced, sum(user_hour_charges) AS hour_charges FROM (
      SELECT hour, user_key, sum(femto9) AS user_hour_cost, sum(calls) AS user_hour_calls, sum(charges) AS user_hour_charges, sumIf(charges, unpriced) AS user_hour_unpriced
      FROM {{priced:hourly}} GROUP BY hour, user_key
    ) GROUP BY hour
  ),
  hours AS (
    SELECT sumIf(active, hour = hour_from) AS now_active, sumIf(hour_cost, hour = hour_from) AS now_cost,
      sumIf(hour_charges, hour = hour_from) AS now_charges, sumIf(hour_unpriced, hour = hour_from) AS now_unpriced,
      sumIf(active, hour < hour_from) AS usual_active, sumIf(hour_cost, hour < hour_from) AS usual_cost
    FROM per_hour
  ),
  shown AS (
    SELECT *,
      if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, toUInt64(ceil(active * 0.01))))) / toFloat64(cost)) AS top1_share,
      if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, toUInt64(ceil(active * 0.05))))) / toFloat64(cost)) AS top5_share,
      if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, toUInt64(ceil(active * 0.1))))) / toFloat64(cost)) AS top10_share,
      if(now_active > 0 AND now_unpriced < now_charges AND usual_cost > 0 AND usual_active > 0, toFloat64(now_cost) / now_active / (toFloat64(usual_cost) / usual_active), NULL) AS active_user_ratio
    FROM month CROSS JOIN hours
  )
SELECT toUInt64(active) AS active_users, if(charges > 0 AND unpriced_calls = charges, NULL, {{usd:cost}}) AS month_usd,
  if(complete = 0, NULL, {{usd:usual}}) AS median_user_usd,
  top1_share, top5_share, {{band:top5_share:top5_share}} AS top5_share_band, top10_share,
  seat_ratio, {{band:seat_ratio:seat_ratio}} AS seat_ratio_band,
  p90_soft_ratio, {{band:p90_soft:p90_soft_ratio}} AS p90_soft_ratio_band,
  p99_hard_ratio, {{band:p99_hard:p99_hard_ratio}} AS p99_hard_ratio_band,
  toUInt64(past_cap) AS linear_past_cap,
  if(now_unpriced = now_charges, NULL, {{usd_per:now_cost | now_active}}) AS active_user_hour_usd,
  active_user_ratio, {{band:active_user:active_user_ratio}} AS active_user_ratio_band,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM shown
