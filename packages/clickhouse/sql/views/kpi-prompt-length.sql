-- How long are the prompts of each route?
CREATE OR REPLACE VIEW {{db}}.kpi_prompt_length {{on_cluster}} AS
WITH
  {{range}},
{{part:week-shift}},
  figures AS (
    SELECT {{bucket}} AS bucket, route, sumIf(calls, price_slot >= from_slot) AS net_calls, sumIf(input_tokens, price_slot >= from_slot) AS net_tokens,
      sumIf(calls, price_slot >= week_from) AS week_calls, sumIf(input_tokens, price_slot >= week_from) AS week_tokens,
      sumIf(calls, price_slot >= week_before_from AND price_slot < week_from) AS before_calls, sumIf(input_tokens, price_slot >= week_before_from AND price_slot < week_from) AS before_tokens
    FROM {{all:feature_counters}}
    WHERE price_slot >= least(from_slot, week_before_from) AND price_slot < {to_time:DateTime('UTC')} AND {{filters:tenants features}}
    GROUP BY bucket, route
  ),
  compared AS (
    SELECT *, sum(week_calls) OVER (PARTITION BY route) AS w_calls, sum(week_tokens) OVER (PARTITION BY route) AS w_tokens,
      sum(before_calls) OVER (PARTITION BY route) AS b_calls, sum(before_tokens) OVER (PARTITION BY route) AS b_tokens
    FROM figures
  )
SELECT bucket AS time, CAST(route AS String) AS route, toUInt64(net_calls) AS calls, net_tokens / net_calls AS tokens_per_call,
  if(w_calls > 0 AND b_calls > 0 AND b_tokens > 0, (w_tokens / w_calls) / (b_tokens / b_calls) - 1, NULL) AS week_delta
FROM compared
WHERE net_calls > 0
ORDER BY time, route
