-- KPI 1: what does a task cost, and what does a model call cost? Always side by side.
CREATE OR REPLACE VIEW {{db}}.kpi_task_cost {{on_cluster}} AS
WITH
  grouped AS (
    SELECT
      multiIf({by:String} = 'all', 'all', {by:String} = 'workload', toString(workload), {by:String} = 'feature', toString(feature),
        {by:String} = 'task_type', toString(task_type), {by:String} = 'tenant', toString(tenant), {by:String} = 'task', task, throwIf(1, 'by: want all, workload, feature, task_type, tenant or task') = 0, '', '') AS key,
      toString(workload) AS workload, tenant, task, attempt_class, {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits,
      sum(calls) AS calls, sum(successes) AS successes, {{sum_meters}}
    FROM {{db}}.task_counters
    WHERE price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({features:Array(String)}, '*') OR has({features:Array(String)}, feature))
      AND (has({workloads:Array(String)}, '*') OR has({workloads:Array(String)}, workload))
    GROUP BY key, workload, tenant, task, attempt_class, price_key, price_window, usage_bits
  ),
  priced AS (SELECT *, {{effective_tokens}} AS effective, {{output_femto9}} AS output_cost FROM {{priced:grouped}}),
  per_task AS (
    SELECT key, tenant, task, if(min(workload) = max(workload), any(workload), '') AS workload,
      sum(priced.calls) AS task_calls, sumIf(priced.calls, unpriced) AS task_unpriced, sum(priced.successes) > 0 AS success,
      sum(femto9) AS cost, sumIf(femto9, NOT unpriced) AS complete_cost, sumIf(priced.calls, NOT unpriced) AS complete_calls,
      sumIf(femto9, attempt_class = 'retry') AS retry_cost, sum(output_cost) AS output_cost,
      sum(effective) AS effective, sum({{input_tokens}}) AS input_tokens, sum({{output_tokens}}) AS output_tokens
    FROM priced
    GROUP BY key, tenant, task
    HAVING task_calls > 0
  ),
  figures AS (
    SELECT key, if(min(per_task.workload) = max(per_task.workload), any(per_task.workload), '') AS workload,
      toUInt64(count()) AS tasks, sum(per_task.task_calls) AS calls, sum(per_task.task_unpriced) AS unpriced_calls,
      sum(per_task.cost) AS cost, sum(per_task.complete_cost) AS complete_cost, sum(per_task.complete_calls) AS complete_calls,
      toUInt64(countIf(per_task.task_unpriced = 0)) AS complete_tasks, sumIf(per_task.cost, per_task.task_unpriced = 0) AS complete_tasks_cost,
      countIf(per_task.success AND per_task.task_unpriced = 0) AS complete_successes,
      quantileExactOrNullIf(0.5)(per_task.cost, per_task.task_unpriced = 0) AS p50, quantileExactOrNullIf(0.95)(per_task.cost, per_task.task_unpriced = 0) AS p95,
      quantileExactOrNullIf(0.99)(per_task.cost, per_task.task_unpriced = 0) AS p99, maxOrNullIf(per_task.cost, per_task.task_unpriced = 0) AS most,
      quantileExact(0.5)(per_task.effective) AS effective_tokens_p50,
      sum(per_task.retry_cost) AS retry_cost, sum(per_task.output_cost) AS output_cost, sum(per_task.input_tokens) AS input_tokens, sum(per_task.output_tokens) AS output_tokens
    FROM per_task
    GROUP BY key
  )
SELECT key, workload, tasks, toUInt64(calls) AS calls,
  if(unpriced_calls = calls, NULL, {{usd:cost}}) AS cost_usd,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / calls AS priced_share,
  if(complete_tasks = 0, NULL, {{usd:intDiv(complete_tasks_cost, greatest(complete_tasks, 1))}}) AS cost_per_task_avg,
  {{usd_or_null:p50}} AS cost_per_task_p50, {{usd_or_null:p95}} AS cost_per_task_p95,
  {{usd_or_null:p99}} AS cost_per_task_p99, {{usd_or_null:most}} AS cost_per_task_max,
  if(ifNull(p50, 0) = 0, NULL, toFloat64(p95) / toFloat64(p50)) AS p95_over_p50,
  if(complete_calls = 0, NULL, {{usd:intDiv(complete_cost, greatest(complete_calls, 1))}}) AS cost_per_call,
  if(complete_successes = 0, NULL, {{usd:intDiv(complete_tasks_cost, greatest(complete_successes, 1))}}) AS cost_per_success,
  effective_tokens_p50,
  if(workload = '', 'none', {{band_of:concat('tokens.', workload) | effective_tokens_p50}}) AS effective_tokens_band,
  if(cost = 0, NULL, toFloat64(output_cost) / toFloat64(cost)) AS output_cost_share,
  if(input_tokens = 0, NULL, output_tokens / input_tokens) AS token_efficiency,
  {{band:token_efficiency:token_efficiency}} AS token_efficiency_band,
  if(cost - retry_cost = 0, NULL, toFloat64(retry_cost) / toFloat64(cost - retry_cost)) AS retry_overhead,
  {{band:retry_overhead:retry_overhead}} AS retry_overhead_band,
  transform(workload, ['chat', 'agent', 'rag'], ['model routing', 'tool-call caps and reasoning budget', 'chunk size and top-k'], '') AS lever
FROM figures
