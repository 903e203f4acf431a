-- KPI 7, one row: how concentrated is the cost over features?
-- Gini = Σ (2i − n − 1) x_i ÷ (n Σ x), x ascending, i from 1.
CREATE OR REPLACE VIEW {{db}}.kpi_feature_totals {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT feature, {{counters}} FROM {{all:feature_counters}}
    WHERE {{in_range}} AND {{filters:tenants features workloads models environments}}
  ),
  costs AS (
    SELECT feature, sum(charges) AS net_charges, sumIf(charges, unpriced) AS net_unpriced, sum(femto9) AS cost
    FROM {{priced_groups:counted | feature}} GROUP BY feature HAVING net_charges > 0
  ),
  totals AS (
    SELECT arrayMap(x -> toFloat64(x), arrayReverseSort(groupArray(cost))) AS descending, sum(cost) AS total, toFloat64(total) AS whole, length(descending) AS n,
      sum(net_charges) AS all_charges, sum(net_unpriced) AS all_unpriced
    FROM costs
  )
SELECT if(total <= 0, NULL, arraySum(arraySlice(descending, 1, 1)) / whole) AS top1,
  if(total <= 0, NULL, arraySum(arraySlice(descending, 1, 3)) / whole) AS top3,
  if(total <= 0, NULL, arraySum(arraySlice(descending, 1, 5)) / whole) AS top5,
  if(total <= 0, NULL, arraySum(arrayMap((x, i) -> x * (toInt64(n) + 1 - 2 * toInt64(i)), descending, arrayEnumerate(descending))) / (n * whole)) AS gini,
  toUInt64(n) AS features, if(all_charges > 0 AND all_unpriced = all_charges, NULL, {{usd:total}}) AS cost_usd,
  toUInt64(all_unpriced) AS unpriced_calls, if(all_charges = 0, NULL, 1 - all_unpriced / all_charges) AS priced_share
FROM totals
