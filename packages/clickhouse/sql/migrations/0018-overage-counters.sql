-- KPI 5: counters per overage pattern and action.
CREATE TABLE IF NOT EXISTS {{db}}.overage_counters {{on_cluster}} (
  day Date COMMENT 'UTC day of the call',
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  tenant LowCardinality(String) COMMENT 'Workspace',
  user String COMMENT 'User; empty for account-level calls',
  pattern LowCardinality(String) COMMENT 'hard_cap, soft_cap, payg, or empty when no guard spoke',
  action LowCardinality(String) COMMENT 'none, denied, degraded or metered',
  environment LowCardinality(String) COMMENT 'Deployment environment',
{{key_columns}}
  calls SimpleAggregateFunction(sum, Int64) COMMENT 'Net calls (part = main)',
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (day, tier, tenant, user, pattern, action, environment, sku, price_slot, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 5 counters: overage rate by tier'
