-- What did each tenant cost?
WITH
{{priced_spans}}
SELECT tenant AS key, count() AS calls, sum(input) AS input_tokens, sum(output) AS output_tokens, sum(cost) AS cost_usd
FROM priced GROUP BY key ORDER BY cost_usd DESC
