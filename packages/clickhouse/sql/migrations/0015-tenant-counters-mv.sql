-- Feeds KPI 3 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.tenant_counters_mv {{on_cluster}} TO {{db}}.tenant_counters AS
SELECT tenant, subject, tier, feature, environment, sku, price_slot, usage_bits,
  sum(sign * (part = 'main')) AS calls,
{{signed_meters}}
FROM {{db}}.calls
GROUP BY tenant, subject, tier, feature, environment, sku, price_slot, usage_bits
