-- KPI 3: counters per tenant and subject.
CREATE TABLE IF NOT EXISTS {{db}}.tenant_counters {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  subject LowCardinality(String) COMMENT 'user, or account for shared runs',
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  feature LowCardinality(String) COMMENT 'Product surface',
  environment LowCardinality(String) COMMENT 'Deployment environment',
{{key_columns}}
  calls SimpleAggregateFunction(sum, Int64) COMMENT 'Net calls (part = main)',
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (tenant, price_slot, subject, tier, feature, environment, sku, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 3 counters: per-tenant cost'
