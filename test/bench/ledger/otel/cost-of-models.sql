-- What did some models cost?
WITH
{{priced_spans}}
SELECT sum(cost) AS cost_usd FROM priced WHERE model IN {models:Array(String)}
