-- KPI 2: what does a user cost this month, how concentrated is the spend, and does a seat carry it?
CREATE OR REPLACE VIEW {{db}}.kpi_user_cost {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from,
  as_of_or_now - INTERVAL 30 DAY AS days_from,
  facts AS (
    SELECT tenant, user, argMax(seat_price_usd, (valid_from, loaded_at)) AS seat_price
    FROM {{db}}.users WHERE valid_from <= as_of_or_now GROUP BY tenant, user
  ),
  grouped AS (
    SELECT tenant, user, {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits,
      price_slot >= month_from AS in_month, price_slot >= days_from AS in_days, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.user_counters
    WHERE price_slot >= toStartOfInterval(least(month_from, days_from), INTERVAL 30 MINUTE) AND price_slot < as_of_or_now AND user != ''
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({features:Array(String)}, '*') OR has({features:Array(String)}, feature))
      AND (has({tiers:Array(String)}, '*') OR has({tiers:Array(String)}, tier))
    GROUP BY tenant, user, price_key, price_window, usage_bits, in_month, in_days
  ),
  priced AS (SELECT * FROM {{priced:grouped}}),
  per_user AS (
    SELECT tenant, user,
      sumIf(priced.calls, in_month) AS month_calls, sumIf(priced.calls, in_month AND unpriced) AS month_unpriced,
      sumIf(femto9, in_month) AS month_cost,
      sumIf(priced.calls, in_days) AS days_calls, sumIf(priced.calls, in_days AND unpriced) AS days_unpriced,
      sumIf(femto9, in_days) AS days_cost
    FROM priced GROUP BY tenant, user
  ),
  month AS (
    SELECT toUInt64(countIf(month_calls > 0)) AS active_users, sum(month_calls) AS calls, sum(month_unpriced) AS unpriced_calls,
      sum(month_cost) AS cost,
      quantileExactOrNullIf(0.5)(month_cost, month_calls > 0 AND month_unpriced = 0) AS median_cost,
      arrayReverseSort(groupArrayIf(month_cost, month_calls > 0)) AS descending,
      quantileExactOrNullIf(0.5)(toFloat64(days_cost) / 9e15 / toFloat64(seat_price), days_calls > 0 AND days_unpriced = 0 AND seat_price > 0) AS seat_ratio
    FROM per_user LEFT JOIN facts USING (tenant, user)
  )
SELECT active_users, if(calls > 0 AND unpriced_calls = calls, NULL, {{usd:cost}}) AS month_usd,
  {{usd_or_null:median_cost}} AS median_user_usd,
  if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, toUInt64(ceil(active_users * 0.01))))) / toFloat64(cost)) AS top1_share,
  if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, toUInt64(ceil(active_users * 0.05))))) / toFloat64(cost)) AS top5_share,
  if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, toUInt64(ceil(active_users * 0.1))))) / toFloat64(cost)) AS top10_share,
  {{band:top5_share:top5_share}} AS top5_share_band,
  seat_ratio, {{band:seat_ratio:seat_ratio}} AS seat_ratio_band,
  toUInt64(unpriced_calls) AS unpriced_calls, if(calls = 0, NULL, 1 - unpriced_calls / calls) AS priced_share
FROM month
