-- KPI 1 on the overview: the median task, and the worst verdict of a workload.
WITH
  counted AS (SELECT workload, task_key, input_tokens, output_tokens, {{counters}} FROM {{all:task_counters}} WHERE {{in_range}}),
  per_task AS (
    SELECT task_key, sum(calls) AS task_calls, sum(charges) AS task_charges, sumIf(charges, unpriced) AS task_unpriced, sum(femto9) AS task_cost,
      sumIf(calls, workload = 'chat') AS chat_calls, sumIf({{effective_tokens}}, workload = 'chat') AS chat_tokens,
      sumIf(calls, workload = 'agent') AS agent_calls, sumIf({{effective_tokens}}, workload = 'agent') AS agent_tokens,
      sumIf(calls, workload = 'rag') AS rag_calls, sumIf({{effective_tokens}}, workload = 'rag') AS rag_tokens
    FROM {{priced:counted}} GROUP BY task_key
  ),
  figures AS (
    SELECT quantileExactIf(0.5)(task_cost, task_calls > 0 AND task_unpriced = 0) AS usual, countIf(task_calls > 0 AND task_unpriced = 0) AS complete,
      quantileExactOrNullIf(0.5)(chat_tokens, chat_calls > 0) AS chat, quantileExactOrNullIf(0.5)(agent_tokens, agent_calls > 0) AS agent, quantileExactOrNullIf(0.5)(rag_tokens, rag_calls > 0) AS rag,
      sum(task_unpriced) AS unpriced_calls, sum(task_charges) AS charges
    FROM per_task
  )
SELECT if(complete = 0, NULL, {{usd:usual}}) AS cost_per_task_p50,
  arrayFirst(verdict -> has([{{band:tokens.chat:chat}}, {{band:tokens.agent:agent}}, {{band:tokens.rag:rag}}], verdict), ['act', 'warn', 'watch', 'low', 'ok']) AS worst_band,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM figures
