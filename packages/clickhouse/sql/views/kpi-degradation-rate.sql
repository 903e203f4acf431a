-- KPI 6: what share of soft-capped traffic is served by the budget model this month, and what did that save?
CREATE OR REPLACE VIEW {{db}}.kpi_degradation_rate {{on_cluster}} AS
WITH
  {{month}},
{{part:soft-tiers}},
  counted AS (
    SELECT {{by:all feature tenant}} AS key, action, intended_sku, {{counters}}
    FROM {{all:degradation_counters}}
    WHERE tier IN (SELECT tier FROM soft_tiers) AND action != 'denied' AND {{in_month}} AND {{filters:tenants features tiers models}}
  ),
  rates AS (
    SELECT key, sum(calls) AS net_calls, sum(charges) AS net_charges, sumIf(calls, action = 'degraded') AS degraded_calls,
      sum(femto9) AS cost, sumIf(femto9, action = 'degraded') AS degraded_cost,
      sumIf(intended_femto9 - femto9, action = 'degraded' AND NOT unpriced AND NOT intended_unpriced) AS saved,
      sumIf(charges, action = 'degraded' AND (unpriced OR intended_unpriced)) AS saving_unknown_calls,
      sumIf(charges, unpriced) AS net_unpriced
    FROM {{priced_twice:counted}} GROUP BY key HAVING net_charges > 0
  ),
  shown AS (
    SELECT *, if(net_calls = 0, NULL, degraded_calls / net_calls) AS calls_rate, if(cost <= 0 OR net_unpriced = net_charges, NULL, toFloat64(degraded_cost) / toFloat64(cost)) AS cost_rate FROM rates
  )
SELECT toString(key) AS key, toUInt64(net_calls) AS calls, calls_rate, {{band:degradation:calls_rate}} AS band,
  cost_rate, {{band:degradation:cost_rate}} AS cost_band,
  {{usd:saved}} AS saved_usd, {{usd:degraded_cost}} AS served_usd, toUInt64(saving_unknown_calls) AS saving_unknown_calls,
  toUInt64(net_unpriced) AS unpriced_calls, 1 - net_unpriced / net_charges AS priced_share
FROM shown
ORDER BY cost DESC, key
