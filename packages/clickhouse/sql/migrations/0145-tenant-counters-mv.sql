-- Feeds KPI 3 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.tenant_counters_mv {{on_cluster}} TO {{db}}.tenant_counters AS
SELECT tenant, subject, tier, feature, environment, price_model AS model, sku, price_slot, usage_bits,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY tenant, subject, tier, feature, environment, model, sku, price_slot, usage_bits
COMMENT 'Feeds tenant_counters (KPI 3) from calls: charges add, reversals subtract'
