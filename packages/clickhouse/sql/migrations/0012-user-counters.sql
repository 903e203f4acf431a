-- KPI 2: counters per user.
CREATE TABLE IF NOT EXISTS {{db}}.user_counters {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  user String COMMENT 'Keyed hash of the user, empty for account-level calls',
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  feature LowCardinality(String) COMMENT 'Product surface',
  environment LowCardinality(String) COMMENT 'Deployment environment',
{{key_columns}}
  calls SimpleAggregateFunction(sum, Int64) COMMENT 'Net calls (part = main)',
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (tenant, price_slot, user, tier, feature, environment, sku, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 2 counters: per-user cost'
