-- KPI 4: counters per budget scope. The scope (user or workspace) is chosen by the tier at query time.
CREATE TABLE IF NOT EXISTS {{db}}.budget_counters {{on_cluster}} (
  month Date COMMENT 'First day of the UTC month of the call',
  day Date COMMENT 'UTC day of the call',
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  user String COMMENT 'Keyed hash of the user, empty for account-level calls' CODEC(ZSTD(1)),
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  environment LowCardinality(String) COMMENT 'Deployment environment',
{{key_columns}}
  user_key SimpleAggregateFunction(any, UInt64) COMMENT 'Digest of tenant and user: what views group by instead of two texts',
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (month, tier, tenant, user, day, environment, sku, price_slot, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 4 counters: tier-budget utilization'
