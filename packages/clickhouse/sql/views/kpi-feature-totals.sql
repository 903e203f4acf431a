-- KPI 7, one row: how concentrated is the cost over features?
-- Gini = Σ (2i − n − 1) x_i ÷ (n Σ x), x ascending, i from 1.
CREATE OR REPLACE VIEW {{db}}.kpi_feature_totals {{on_cluster}} AS
WITH shares AS (
  SELECT arrayReverseSort(groupArray(toFloat64(ifNull(cost_usd, 0)))) AS descending, sum(ifNull(cost_usd, 0)) AS total,
    sum(calls) AS calls, sum(unpriced_calls) AS unpriced_calls
  FROM {{db}}.kpi_feature_concentration(from_time = {from_time:DateTime('UTC')}, to_time = {to_time:DateTime('UTC')}, by = 'feature',
    tenants = {tenants:Array(String)}, features = {features:Array(String)}, workloads = {workloads:Array(String)}, environments = {environments:Array(String)}, book = {book:String})
)
SELECT if(total <= 0, NULL, arraySum(arraySlice(descending, 1, 1)) / arraySum(descending)) AS top1,
  if(total <= 0, NULL, arraySum(arraySlice(descending, 1, 3)) / arraySum(descending)) AS top3,
  if(total <= 0, NULL, arraySum(arraySlice(descending, 1, 5)) / arraySum(descending)) AS top5,
  if(total <= 0, NULL, arraySum(arrayMap((x, i) -> x * (2 * toInt64(i) - toInt64(length(descending)) - 1), arraySort(descending), arrayEnumerate(descending))) / (length(descending) * arraySum(descending))) AS gini,
  toUInt64(length(descending)) AS features, if(calls > 0 AND unpriced_calls = calls, NULL, total) AS cost_usd,
  toUInt64(unpriced_calls) AS unpriced_calls, if(calls = 0, NULL, 1 - unpriced_calls / calls) AS priced_share
FROM shares
