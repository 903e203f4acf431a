-- Degraded calls name a second sku, of the model that was asked for: it needs prices too.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.intended_skus_mv {{on_cluster}} TO {{db}}.skus AS
SELECT intended_sku AS sku, price_provider AS provider, intended_model AS model, price_region AS region, price_tier AS tier, prompt_band,
  min(price_slot) AS first_seen, max(price_slot) AS last_seen, toInt64(0) AS calls, toInt64(0) AS tokens
FROM {{db}}.calls
WHERE intended_sku != sku
GROUP BY sku, provider, model, region, tier, prompt_band
