-- KPI 6: how does the degraded share move from day to day?
CREATE OR REPLACE VIEW {{db}}.kpi_degradation_series {{on_cluster}} AS
WITH
  {{range}},
  to_or_now AS as_of_or_now,
{{part:soft-tiers}},
  counted AS (
    SELECT action, {{counters}} FROM {{all:degradation_counters}}
    WHERE tier IN (SELECT tier FROM soft_tiers) AND action != 'denied' AND {{in_range}} AND {{filters:tenants features tiers models}}
  ),
  rates AS (
    SELECT toDate(price_slot) AS day, sum(calls) AS net_calls, sum(charges) AS net_charges, sumIf(calls, action = 'degraded') AS degraded_calls,
      sum(femto9) AS cost, sumIf(femto9, action = 'degraded') AS degraded_cost, sumIf(charges, unpriced) AS net_unpriced
    FROM {{priced:counted}} GROUP BY day HAVING net_charges > 0
  )
SELECT day, if(net_calls = 0, NULL, degraded_calls / net_calls) AS calls_rate, if(cost <= 0 OR net_unpriced = net_charges, NULL, toFloat64(degraded_cost) / toFloat64(cost)) AS cost_rate,
  toUInt64(net_unpriced) AS unpriced_calls, 1 - net_unpriced / net_charges AS priced_share
FROM rates
ORDER BY day
