-- Feeds KPI 2 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.user_counters_mv {{on_cluster}} TO {{db}}.user_counters AS
SELECT tenant, if(subject = 'account', '', user) AS user, tier, feature, environment, price_model AS model, sku, price_slot, usage_bits,
  any(cityHash64(toString(tenant), if(subject = 'account', '', user))) AS user_key,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY tenant, user, tier, feature, environment, model, sku, price_slot, usage_bits
COMMENT 'Feeds user_counters (KPI 2) from calls: charges add, reversals subtract'
