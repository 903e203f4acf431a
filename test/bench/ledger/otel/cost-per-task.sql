-- What does a task cost, at the median and at the 95th percentile?
WITH
{{priced_spans}},
  tasks AS (
    SELECT tenant, task, count() AS task_calls, sum(input) AS task_input, sum(output) AS task_output, sum(cost) AS task_cost FROM priced GROUP BY tenant, task
  )
SELECT '' AS key, sum(task_calls) AS calls, sum(task_input) AS input_tokens, sum(task_output) AS output_tokens, sum(task_cost) AS cost_usd,
  count() AS tasks, quantilesExact(0.5, 0.95)(task_cost) AS percentiles
FROM tasks
