-- KPI 1: what does a session cost, and what makes the dearest ones dear?
CREATE OR REPLACE VIEW {{db}}.kpi_session_cost {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT workload, {{one_key:session_key | workload}} AS group_key, input_max, input_tokens + output_tokens AS tokens, {{counters}}
    FROM {{all:task_counters}}
    WHERE {{in_range}} AND session_key != 0 AND {{filters:tenants features workloads models}}
  ),
  per_session AS (
    SELECT any(workload) AS workload, sum(calls) AS session_calls, sum(charges) AS session_charges, sumIf(charges, unpriced) AS session_unpriced, session_calls > 0 AND session_unpriced = 0 AS is_complete, sum(femto9) AS session_cost,
      max(input_max) AS longest, if(sum(tokens) > 0, toFloat64(sum(femto9)) / sum(tokens), 0.) AS cost_per_token
    FROM {{priced:counted}}
    GROUP BY group_key
    HAVING session_charges > 0
  ),
  figures AS (
    SELECT workload, countIf(session_calls > 0) AS sessions, sum(session_charges) AS charges, sum(session_unpriced) AS unpriced_calls, countIf(is_complete) AS complete,
      quantilesExactIf(0.5, 0.95, 0.99)(session_cost, is_complete) AS percentiles,
      [toFloat64(quantileExactIf(0.5)(longest, is_complete)), toFloat64(quantileExactIf(0.5)(session_calls, is_complete)), quantileExactIf(0.5)(cost_per_token, is_complete)] AS usual,
      arrayFilter(row -> row.1 >= percentiles[3], groupArrayIf((session_cost, toFloat64(longest), toFloat64(session_calls), cost_per_token), is_complete)) AS dearest
    FROM per_session GROUP BY workload
  ),
  compared AS (
    SELECT *, arrayMap((top, usually) -> if(usually > 0, arrayReduce('quantileExact(0.5)', top) / usually, 0.),
      [arrayMap(row -> row.2, dearest), arrayMap(row -> row.3, dearest), arrayMap(row -> row.4, dearest)], usual) AS multiples
    FROM figures
  )
SELECT CAST(workload AS String) AS workload, toUInt64(sessions) AS sessions,
  if(complete = 0, NULL, {{usd:percentiles[1]}}) AS p50, if(complete = 0, NULL, {{usd:percentiles[2]}}) AS p95, if(complete = 0, NULL, {{usd:percentiles[3]}}) AS p99,
  if(complete = 0, '', ['longest input', 'most calls', 'most expensive model'][indexOf(multiples, arrayMax(multiples))]) AS p99_driver,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / charges AS priced_share
FROM compared
ORDER BY workload
