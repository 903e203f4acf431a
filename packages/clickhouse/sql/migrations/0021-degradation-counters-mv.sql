-- Feeds KPI 6 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.degradation_counters_mv {{on_cluster}} TO {{db}}.degradation_counters AS
SELECT tier, tenant, feature, overage_action AS action, intended_sku, environment, sku, price_slot, usage_bits,
  sum(sign * (part = 'main')) AS calls,
{{signed_meters}}
FROM {{db}}.calls
GROUP BY tier, tenant, feature, action, intended_sku, environment, sku, price_slot, usage_bits
