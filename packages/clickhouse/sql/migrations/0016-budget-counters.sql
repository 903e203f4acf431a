-- KPI 4: effective-token inputs per budget scope. The scope (user or workspace) is chosen by the tier at query time.
CREATE TABLE IF NOT EXISTS {{db}}.budget_counters {{on_cluster}} (
  month Date COMMENT 'First day of the UTC month of the call',
  day Date COMMENT 'UTC day of the call',
  tenant LowCardinality(String) COMMENT 'Workspace scope',
  user String COMMENT 'User scope; empty for account-level calls',
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  environment LowCardinality(String) COMMENT 'Deployment environment',
{{key_columns}}
  calls SimpleAggregateFunction(sum, Int64) COMMENT 'Net calls (part = main)',
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (month, tier, tenant, user, day, environment, sku, price_slot, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 4 counters: tier-budget utilization'
