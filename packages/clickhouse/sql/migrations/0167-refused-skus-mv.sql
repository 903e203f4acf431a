-- A call without attribution has a price as well, also where no call of the ledger has its sku.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.refused_skus_mv {{on_cluster}} TO {{db}}.skus
COMMENT 'Lists the price selectors of calls in quarantine' AS
SELECT sku, provider, model, price_region AS region, price_tier AS tier, prompt_band,
  min(price_slot) AS first_seen, max(price_slot) AS last_seen, toInt64(0) AS calls, toInt64(0) AS tokens
FROM {{db}}.quarantine
GROUP BY sku, provider, model, region, tier, prompt_band
