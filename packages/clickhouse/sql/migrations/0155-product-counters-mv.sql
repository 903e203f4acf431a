-- Feeds KPI 8 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.product_counters_mv {{on_cluster}} TO {{db}}.product_counters AS
SELECT toStartOfMonth(price_slot) AS month, service, environment, feature, tier, tenant, price_model AS model, sku, price_slot, usage_bits,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY month, service, environment, feature, tier, tenant, model, sku, price_slot, usage_bits
COMMENT 'Feeds product_counters (KPI 8) from calls: charges add, reversals subtract'
