-- What did each feature cost?
WITH
{{priced_spans}}
SELECT feature AS key, count() AS calls, sum(input) AS input_tokens, sum(output) AS output_tokens, sum(cost) AS cost_usd
FROM priced GROUP BY key ORDER BY cost_usd DESC
