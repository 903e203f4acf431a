-- KPI 1: what does a task cost, and what does a model call cost? Always side by side.
CREATE OR REPLACE VIEW {{db}}.kpi_task_cost {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT {{by:all workload feature task_type tenant model task}} AS key, task_key, attempt_class,
      workload,
      successes, prompt_layer, memory_layer, input_tokens, output_tokens, {{counters}}
    FROM {{all:task_counters}}
    WHERE {{in_range}} AND {{filters:tenants features workloads models}}
  ),
  per_task AS (
    SELECT key, task_key,       -- Workloads with net charges: a bit each for chat, agent, rag and others.
      (sumIf(charges, workload = 'chat') > 0) + 2 * (sumIf(charges, workload = 'agent') > 0) + 4 * (sumIf(charges, workload = 'rag') > 0) + 8 * (sumIf(charges, workload NOT IN ('chat', 'agent', 'rag')) > 0) AS task_workloads,
      sum(calls) AS task_calls, sumIf(calls, NOT unpriced) AS task_priced_calls, sum(charges) AS task_charges, sumIf(charges, unpriced) AS task_unpriced, task_calls > 0 AND task_unpriced = 0 AS complete, sum(successes) > 0 AS success,
      sum(femto9) AS task_cost, sumIf(femto9, unpriced) AS task_partial_cost,
      sumIf(femto9, attempt_class = 'retry') AS task_retry_cost, sum({{output_femto9}}) AS task_output_cost,
      sum({{effective_tokens}}) AS effective, sum(input_tokens) AS task_input, sum(output_tokens) AS task_output,
      sum(prompt_layer) AS task_prompt, sum(memory_layer) AS task_memory
    FROM {{priced:counted}}
    GROUP BY key, task_key
  ),
  turns AS (
    SELECT key, count() AS turns FROM (
      SELECT {{by:all workload feature task_type tenant model task}} AS key, turn_key FROM {{all:task_counters}}
      WHERE {{in_range}} AND {{filters:tenants features workloads models}}
      GROUP BY key, turn_key HAVING sum(calls) > 0
    ) GROUP BY key
  ),
  before AS (
    SELECT {{by:all workload feature task_type tenant model task}} AS key, task_key, {{counters}}
    FROM {{all:task_counters}}
    WHERE price_slot >= from_slot - INTERVAL 7 DAY AND price_slot < from_slot AND {{filters:tenants features workloads models}}
  ),
  baseline AS (
    SELECT key, sum(task_cost) / count() AS baseline_cost FROM (
      SELECT key, task_key, toFloat64(sum(femto9)) AS task_cost FROM {{priced:before}}
      GROUP BY key, task_key HAVING sum(calls) > 0 AND sumIf(charges, unpriced) = 0
    ) GROUP BY key
  ),
  figures AS (
    SELECT key, groupBitOr(task_workloads) AS workloads, toUInt64(countIf(task_calls > 0)) AS tasks, sum(task_calls) AS calls, sum(task_priced_calls) AS priced_calls, sum(task_charges) AS charges, sum(task_unpriced) AS unpriced_calls,
      sum(task_cost) AS cost, sum(task_cost - task_partial_cost) AS complete_cost,
      countIf(complete) AS complete_tasks, sumIf(task_cost, complete) AS complete_tasks_cost,
      countIf(success AND complete) AS complete_successes,
      quantilesExactIf(0.5, 0.95, 0.99)(task_cost, complete) AS percentiles, maxIf(task_cost, complete) AS most,
      quantileExactOrNullIf(0.5)(effective, task_calls > 0) AS effective_tokens_p50,
      sum(task_retry_cost) AS retry_cost, sum(task_output_cost) AS output_cost, sum(task_input) AS input_sum, sum(task_output) AS output_sum,
      sum(task_prompt) AS prompt_sum, sum(task_memory) AS memory_sum
    FROM per_task
    GROUP BY key HAVING charges > 0
  ),
  shown AS (
    SELECT toString(figures.key) AS key, transform(workloads, [1, 2, 4], ['chat', 'agent', 'rag'], '') AS workload, tasks, calls, priced_calls, charges, cost, unpriced_calls,
      complete_tasks, complete_tasks_cost, complete_cost, complete_successes, percentiles, most, effective_tokens_p50,
      if(complete_tasks > 0 AND percentiles[1] > 0, toFloat64(percentiles[2]) / toFloat64(percentiles[1]), NULL) AS p95_over_p50,
      if(turns.turns > 0, calls / turns.turns, NULL) AS tool_call_factor,
      if(prompt_sum > 0, memory_sum / prompt_sum, NULL) AS retrieved_context_ratio,
      if(cost = 0, NULL, toFloat64(output_cost) / toFloat64(cost)) AS output_cost_share,
      if(input_sum = 0, NULL, output_sum / input_sum) AS token_efficiency,
      if(cost - retry_cost = 0, NULL, toFloat64(retry_cost) / toFloat64(cost - retry_cost)) AS retry_overhead,
      if(complete_tasks > 0 AND baseline.baseline_cost > 0, toFloat64(complete_tasks_cost) / complete_tasks / baseline.baseline_cost, NULL) AS baseline_ratio
    FROM figures LEFT JOIN turns ON figures.key = turns.key LEFT JOIN baseline ON figures.key = baseline.key
  )
SELECT key, workload, tasks, toUInt64(calls) AS calls,
  if(unpriced_calls = charges, NULL, {{usd:cost}}) AS cost_usd,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / charges AS priced_share,
  {{usd_per:complete_tasks_cost | complete_tasks}} AS cost_per_task_avg,
  if(complete_tasks = 0, NULL, {{usd:percentiles[1]}}) AS cost_per_task_p50, if(complete_tasks = 0, NULL, {{usd:percentiles[2]}}) AS cost_per_task_p95,
  if(complete_tasks = 0, NULL, {{usd:percentiles[3]}}) AS cost_per_task_p99, if(complete_tasks = 0, NULL, {{usd:most}}) AS cost_per_task_max,
  p95_over_p50, {{band:task_variance:p95_over_p50}} AS p95_over_p50_band,
  {{usd_per:complete_cost | priced_calls}} AS cost_per_call,
  {{usd_per:complete_tasks_cost | complete_successes}} AS cost_per_success,
  effective_tokens_p50,
  if(workload = '', 'none', {{band_of:concat('tokens.', workload) | effective_tokens_p50}}) AS effective_tokens_band,
  tool_call_factor, if(workload = 'agent', {{band:tool_call_factor:tool_call_factor}}, 'none') AS tool_call_factor_band,
  retrieved_context_ratio, if(workload = 'rag', {{band:retrieved_context:retrieved_context_ratio}}, 'none') AS retrieved_context_ratio_band,
  output_cost_share,
  token_efficiency, {{band:token_efficiency:token_efficiency}} AS token_efficiency_band,
  retry_overhead, {{band:retry_overhead:retry_overhead}} AS retry_overhead_band,
  baseline_ratio, {{band:task_baseline:baseline_ratio}} AS baseline_ratio_band,
  transform(workload, ['chat', 'agent', 'rag'], ['model routing', 'tool-call caps and reasoning budget', 'chunk size and top-k'], '') AS lever
FROM shown
