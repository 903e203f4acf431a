-- Feeds KPI 6 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.degradation_counters_mv {{on_cluster}} TO {{db}}.degradation_counters AS
SELECT tier, tenant, feature, overage_action AS action, intended_sku, environment, price_model AS model, sku, price_slot, usage_bits,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY tier, tenant, feature, action, intended_sku, environment, model, sku, price_slot, usage_bits
COMMENT 'Feeds degradation_counters (KPI 6) from calls: charges add, reversals subtract'
