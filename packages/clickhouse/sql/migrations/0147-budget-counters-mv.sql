-- Feeds KPI 4 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.budget_counters_mv {{on_cluster}} TO {{db}}.budget_counters AS
SELECT toStartOfMonth(price_slot) AS month, toDate(price_slot) AS day, tenant, if(subject = 'account', '', user) AS user, tier, environment, sku, price_slot, usage_bits,
  any(cityHash64(toString(tenant), if(subject = 'account', '', user))) AS user_key,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY month, day, tenant, user, tier, environment, sku, price_slot, usage_bits
COMMENT 'Feeds budget_counters (KPI 4) from calls: charges add, reversals subtract'
