-- KPI 1: which single tasks cost a multiple of what their type usually does?
CREATE OR REPLACE VIEW {{db}}.kpi_task_outliers {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT task_type, task, task_key, {{counters}}
    FROM {{all:task_counters}}
    WHERE {{in_range}} AND {{filters:tenants features workloads}}
  ),
  per_task AS (
    SELECT task_type, task_key, any(task) AS task_id, any(tenant) AS tenant, sum(femto9) AS task_cost
    FROM {{priced:counted}}
    GROUP BY task_type, task_key
    HAVING sum(calls) > 0 AND sumIf(charges, unpriced) = 0
  ),
  per_type AS (
    SELECT task_type, quantileExact(0.5)(task_cost) AS median_cost,
      arrayJoin(if(median_cost > 0, arrayFilter(row -> toFloat64(row.1) / toFloat64(median_cost) > {min_ratio:Float64}, groupArray((task_cost, task_id, toString(tenant)))), [])) AS outlier
    FROM per_task GROUP BY task_type
  ),
  compared AS (
    SELECT outlier.2 AS task_id, outlier.3 AS tenant, CAST(task_type AS String) AS task_type, outlier.1 AS task_cost, median_cost,
      toFloat64(task_cost) / toFloat64(median_cost) AS ratio
    FROM per_type
  )
SELECT task_id, tenant, task_type, {{usd:task_cost}} AS cost_usd, {{usd:median_cost}} AS type_median_usd, ratio,
  {{band:task_instance:ratio}} AS ratio_band
FROM compared
ORDER BY ratio DESC, tenant, task_id, task_type
