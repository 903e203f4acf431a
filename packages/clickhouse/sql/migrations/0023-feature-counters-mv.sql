-- Feeds KPI 7 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.feature_counters_mv {{on_cluster}} TO {{db}}.feature_counters AS
SELECT feature, route, tenant, workload, prompt_version, tool, environment, sku, price_slot, usage_bits,
  sum(sign * (part = 'main')) AS calls,
{{signed_meters}}
FROM {{db}}.calls
GROUP BY feature, route, tenant, workload, prompt_version, tool, environment, sku, price_slot, usage_bits
