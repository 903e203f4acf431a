-- KPI 2: counters per user.
CREATE TABLE IF NOT EXISTS {{db}}.user_counters {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  user String COMMENT 'Keyed hash of the user, empty for account-level calls' CODEC(ZSTD(1)),
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  feature LowCardinality(String) COMMENT 'Product surface',
  environment LowCardinality(String) COMMENT 'Deployment environment',
  model LowCardinality(String) COMMENT 'Model as calls spell it; follows from the sku',
{{key_columns}}
  user_key SimpleAggregateFunction(any, UInt64) COMMENT 'Digest of tenant and user: what views group by instead of two texts',
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (tenant, price_slot, user, tier, feature, environment, model, sku, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 2 counters: per-user cost'
