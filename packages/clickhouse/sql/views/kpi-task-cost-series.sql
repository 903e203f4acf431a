-- KPI 1: how does the cost of a task move, by workload?
CREATE OR REPLACE VIEW {{db}}.kpi_task_cost_series {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT {{bucket}} AS bucket, workload, {{one_key:task_key | bucket, workload}} AS group_key, {{counters}}
    FROM {{all:task_counters}}
    WHERE {{in_range}} AND {{filters:tenants features workloads models}}
  ),
  per_task AS (
    SELECT any(bucket) AS bucket, any(workload) AS workload, sum(calls) AS task_calls, sumIf(calls, NOT unpriced) AS task_priced_calls,
      sum(charges) AS task_charges, sumIf(charges, unpriced) AS task_unpriced, task_calls > 0 AND task_unpriced = 0 AS complete, sum(femto9) AS task_cost, sumIf(femto9, unpriced) AS task_partial_cost
    FROM {{priced:counted}}
    GROUP BY group_key
  ),
  figures AS (
    SELECT bucket, workload, countIf(task_calls > 0) AS tasks, sum(task_calls) AS calls, sum(task_priced_calls) AS priced_calls, sum(task_charges) AS charges, sum(task_unpriced) AS unpriced_calls,
      sum(task_cost - task_partial_cost) AS complete_cost, countIf(complete) AS complete_tasks,
      sumIf(task_cost, complete) AS complete_tasks_cost, quantileExactIf(0.95)(task_cost, complete) AS p95
    FROM per_task
    GROUP BY bucket, workload HAVING charges > 0
  )
SELECT bucket AS time, CAST(workload AS String) AS workload, toUInt64(tasks) AS tasks, toUInt64(calls) AS calls,
  {{usd_per:complete_tasks_cost | complete_tasks}} AS cost_per_task,
  if(complete_tasks = 0, NULL, {{usd:p95}}) AS cost_per_task_p95,
  {{usd_per:complete_cost | priced_calls}} AS cost_per_call,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / charges AS priced_share
FROM figures
ORDER BY time, workload
