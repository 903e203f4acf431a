-- Which models do calls and cost go to, and does that drift?
CREATE OR REPLACE VIEW {{db}}.kpi_model_mix {{on_cluster}} AS
WITH
  {{range}},
{{part:week-shift}},
  counted AS (
    SELECT {{bucket}} AS bucket, model, price_slot >= from_slot AS in_range, price_slot >= week_from AS in_week, price_slot >= week_before_from AND NOT in_week AS in_week_before, {{counters}} FROM {{all:feature_counters}}
    WHERE price_slot >= least(from_slot, week_before_from) AND price_slot < {to_time:DateTime('UTC')} AND {{filters:tenants features models}}
  ),
  figures AS (
    SELECT bucket, model, sumIf(calls, in_range) AS net_calls, sumIf(charges, in_range) AS net_charges, sumIf(charges, unpriced AND in_range) AS net_unpriced, sumIf(femto9, in_range) AS cost,
      sumIf(femto9, in_week) AS week, sumIf(femto9, in_week_before) AS week_before,
      -- 10 dollars per million tokens, in ninths of femto-dollars per token.
      sumIf(femto9, in_week AND {{hot_price:output}} >= 90000000000) AS premium, sumIf(femto9, in_week_before AND {{hot_price:output}} >= 90000000000) AS premium_before
    FROM {{priced_groups:counted | bucket, model, in_range, in_week, in_week_before}} GROUP BY bucket, model
  ),
  shared AS (
    SELECT *, sum(net_calls) OVER (PARTITION BY bucket) AS bucket_calls, sum(cost) OVER (PARTITION BY bucket) AS bucket_cost,
      toFloat64(sum(week) OVER ()) AS all_week, toFloat64(sum(week_before) OVER ()) AS all_before, all_week > 0 AND all_before > 0 AS is_comparable,
      toFloat64(sum(week) OVER (PARTITION BY model)) AS model_week, toFloat64(sum(week_before) OVER (PARTITION BY model)) AS model_before,
      toFloat64(sum(premium) OVER ()) AS all_premium, toFloat64(sum(premium_before) OVER ()) AS all_premium_before
    FROM figures
  )
SELECT bucket AS time, CAST(model AS String) AS model, toUInt64(net_calls) AS calls, if(net_unpriced = net_charges, NULL, {{usd:cost}}) AS cost_usd,
  if(bucket_calls = 0, NULL, net_calls / bucket_calls) AS calls_share, if(bucket_cost > 0, toFloat64(cost) / toFloat64(bucket_cost), NULL) AS cost_share,
  if(is_comparable, model_week / all_week - model_before / all_before, NULL) AS week_delta,
  if(is_comparable, all_premium / all_week - all_premium_before / all_before, NULL) AS premium_week_delta,
  toUInt64(net_unpriced) AS unpriced_calls, 1 - net_unpriced / net_charges AS priced_share
FROM shared
WHERE net_charges > 0
ORDER BY time, model
