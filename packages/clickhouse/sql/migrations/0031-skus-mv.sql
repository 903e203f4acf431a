-- Feeds the list of skus from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.skus_mv {{on_cluster}} TO {{db}}.skus AS
SELECT sku, price_provider AS provider, price_model AS model, price_region AS region, price_tier AS tier, prompt_band,
  min(price_slot) AS first_seen, max(price_slot) AS last_seen,
  sum(sign * (part = 'main')) AS calls, sum(sign * (input_total + output_total)) AS tokens
FROM {{db}}.calls
GROUP BY sku, provider, model, region, tier, prompt_band
