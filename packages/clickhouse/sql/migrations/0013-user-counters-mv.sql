-- Feeds KPI 2 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.user_counters_mv {{on_cluster}} TO {{db}}.user_counters AS
SELECT tenant, if(subject = 'account', '', user) AS user, tier, feature, environment, sku, price_slot, usage_bits,
  sum(sign * (part = 'main')) AS calls,
{{signed_meters}}
FROM {{db}}.calls
GROUP BY tenant, user, tier, feature, environment, sku, price_slot, usage_bits
