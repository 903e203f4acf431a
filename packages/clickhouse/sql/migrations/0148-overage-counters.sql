-- KPI 5: counters per overage pattern and action.
CREATE TABLE IF NOT EXISTS {{db}}.overage_counters {{on_cluster}} (
  day Date COMMENT 'UTC day of the call',
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  user String COMMENT 'Keyed hash of the user, empty for account-level calls' CODEC(ZSTD(1)),
  pattern LowCardinality(String) COMMENT 'hard_cap, soft_cap or payg; empty when no guard spoke',
  action LowCardinality(String) COMMENT 'none, denied, degraded or metered',
  environment LowCardinality(String) COMMENT 'Deployment environment',
{{key_columns}}
  user_key SimpleAggregateFunction(any, UInt64) COMMENT 'Digest of tenant and user: what views group by instead of two texts',
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (day, tier, tenant, user, pattern, action, environment, sku, price_slot, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 5 counters: overage rate by tier'
