-- KPI 7: how does the cost of each feature move?
CREATE OR REPLACE VIEW {{db}}.kpi_feature_series {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT {{bucket}} AS bucket, feature, {{counters}} FROM {{all:feature_counters}}
    WHERE {{in_range}} AND {{filters:tenants features workloads models environments}}
  ),
  figures AS (
    SELECT bucket, feature, sum(calls) AS net_calls, sum(charges) AS net_charges, sumIf(charges, unpriced) AS net_unpriced, sum(femto9) AS cost
    FROM {{priced_groups:counted | bucket, feature}} GROUP BY bucket, feature HAVING net_charges > 0
  )
SELECT bucket AS time, CAST(feature AS String) AS feature, toUInt64(net_calls) AS calls, if(net_unpriced = net_charges, NULL, {{usd:cost}}) AS cost_usd,
  toUInt64(net_unpriced) AS unpriced_calls, 1 - net_unpriced / net_charges AS priced_share
FROM figures
ORDER BY time, feature
