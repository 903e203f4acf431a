-- KPI 1: how are the costs of tasks distributed over time?
CREATE OR REPLACE VIEW {{db}}.kpi_task_histogram {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT {{bucket}} AS bucket_from, task_key, {{counters}}
    FROM {{all:task_counters}}
    WHERE {{in_range}} AND {{filters:tenants features workloads models}}
  ),
  per_task AS (
    SELECT bucket_from, task_key, sum(femto9) AS task_cost, sumIf(charges, unpriced) > 0 AS is_unpriced
    FROM {{priced:counted}}
    GROUP BY bucket_from, task_key
    HAVING sum(calls) > 0
  ),
  ['0.0001', '0.0002', '0.0005', '0.001', '0.002', '0.005', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5', '1', '2', '5', '10', '20', '50', '100', '200', '500', '1000'] AS edges,
  arrayMap(edge -> toInt128(toDecimal128(edge, 4) * 10000) * 900000000000, edges) AS edges_femto9
SELECT bucket_from AS time,
  if(is_unpriced, 'no price', arrayPushBack(edges, 'more')[arrayFirstIndex(edge -> task_cost <= edge, edges_femto9) + if(task_cost > edges_femto9[-1], length(edges) + 1, 0)]) AS bucket,
  toUInt64(count()) AS tasks
FROM per_task
GROUP BY time, bucket
ORDER BY time, bucket
