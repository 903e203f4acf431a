-- KPI 6: what share of soft-capped traffic is served by the budget model this month, and what did that save?
CREATE OR REPLACE VIEW {{db}}.kpi_degradation_rate {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from,
  soft_tiers AS (
    SELECT tier FROM {{db}}.tiers WHERE valid_from <= as_of_or_now
    GROUP BY tier HAVING argMax(pattern, (valid_from, loaded_at)) = 'soft_cap'
  ),
  grouped AS (
    SELECT multiIf({by:String} = 'all', 'all', {by:String} = 'feature', toString(feature), {by:String} = 'tenant', toString(tenant), throwIf(1, 'by: want all, feature or tenant') = 0, '', '') AS key,
      action, {{intended_price_key}} AS intended_price_key, {{price_key}} AS price_key, {{intended_price_window}} AS intended_price_window, {{price_window}} AS price_window, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.degradation_counters
    WHERE tier IN (SELECT tier FROM soft_tiers) AND action != 'denied'
      AND price_slot >= month_from AND price_slot < as_of_or_now
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({features:Array(String)}, '*') OR has({features:Array(String)}, feature))
      AND (has({tiers:Array(String)}, '*') OR has({tiers:Array(String)}, tier))
    GROUP BY key, action, intended_price_key, price_key, intended_price_window, price_window, usage_bits
  ),
  priced_as_served AS (SELECT * FROM {{priced:grouped}}),
  priced AS (SELECT * FROM {{priced_as_intended:priced_as_served}}),
  rates AS (
    SELECT key, sum(priced.calls) AS calls, sumIf(priced.calls, action = 'degraded') AS degraded_calls,
      sum(femto9) AS cost, sumIf(femto9, action = 'degraded') AS degraded_cost,
      sumIf(intended_femto9 - femto9, action = 'degraded' AND NOT unpriced AND NOT intended_unpriced) AS saved,
      sumIf(priced.calls, action = 'degraded' AND (unpriced OR intended_unpriced)) AS saving_unknown_calls,
      sumIf(priced.calls, unpriced) AS unpriced_calls
    FROM priced GROUP BY key HAVING calls > 0
  )
SELECT key, degraded_calls / calls AS calls_rate, {{band:degradation:calls_rate}} AS band,
  if(cost <= 0, NULL, toFloat64(degraded_cost) / toFloat64(cost)) AS cost_rate,
  {{usd:saved}} AS saved_usd, {{usd:degraded_cost}} AS served_usd, toUInt64(saving_unknown_calls) AS saving_unknown_calls,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / calls AS priced_share
FROM rates
