-- KPI 3: counters per tenant and subject.
CREATE TABLE IF NOT EXISTS {{db}}.tenant_counters {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  subject LowCardinality(String) COMMENT 'user, or account for shared runs',
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  feature LowCardinality(String) COMMENT 'Product surface',
  environment LowCardinality(String) COMMENT 'Deployment environment',
  model LowCardinality(String) COMMENT 'Model as calls spell it; follows from the sku',
{{key_columns}}
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (tenant, price_slot, subject, tier, feature, environment, model, sku, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 3 counters: per-tenant cost'
