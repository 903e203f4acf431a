-- Feeds KPI 8 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.product_counters_mv {{on_cluster}} TO {{db}}.product_counters AS
SELECT toStartOfMonth(price_slot) AS month, service, environment, feature, tier, tenant, sku, price_slot, usage_bits,
  sum(sign * (part = 'main')) AS calls,
{{signed_meters}}
FROM {{db}}.calls
GROUP BY month, service, environment, feature, tier, tenant, sku, price_slot, usage_bits
