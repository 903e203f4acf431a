-- Feeds KPI 7 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.feature_counters_mv {{on_cluster}} TO {{db}}.feature_counters AS
SELECT feature, route, tenant, workload, prompt_version, tool, environment, price_model AS model, sku, price_slot, usage_bits,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY feature, route, tenant, workload, prompt_version, tool, environment, model, sku, price_slot, usage_bits
COMMENT 'Feeds feature_counters (KPI 7) from calls: charges add, reversals subtract'
