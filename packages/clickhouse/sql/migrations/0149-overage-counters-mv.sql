-- Feeds KPI 5 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.overage_counters_mv {{on_cluster}} TO {{db}}.overage_counters AS
SELECT toDate(price_slot) AS day, tier, tenant, if(subject = 'account', '', user) AS user, overage_pattern AS pattern, overage_action AS action, environment, sku, price_slot, usage_bits,
  any(cityHash64(toString(tenant), if(subject = 'account', '', user))) AS user_key,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY day, tier, tenant, user, pattern, action, environment, sku, price_slot, usage_bits
COMMENT 'Feeds overage_counters (KPI 5) from calls: charges add, reversals subtract'
