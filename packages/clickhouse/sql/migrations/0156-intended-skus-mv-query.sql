-- Compares with the sku of the call: a bare name in WHERE meant the alias, the intended sku itself, and no row passed.
ALTER TABLE {{db}}.intended_skus_mv {{on_cluster}} MODIFY QUERY
SELECT intended_sku AS sku, price_provider AS provider, intended_model AS model, price_region AS region, price_tier AS tier, prompt_band,
  min(price_slot) AS first_seen, max(price_slot) AS last_seen, toInt64(0) AS calls, toInt64(0) AS tokens
FROM {{db}}.calls AS entries
WHERE entries.intended_sku != entries.sku
GROUP BY sku, provider, model, region, tier, prompt_band
