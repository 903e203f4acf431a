-- KPI 6: counters per intended and served sku.
CREATE TABLE IF NOT EXISTS {{db}}.degradation_counters {{on_cluster}} (
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  feature LowCardinality(String) COMMENT 'Product surface',
  action LowCardinality(String) COMMENT 'none, denied, degraded or metered',
  intended_sku UInt64 COMMENT 'Sku of the model that was asked for',
  environment LowCardinality(String) COMMENT 'Deployment environment',
  model LowCardinality(String) COMMENT 'Model as calls spell it; follows from the sku',
{{key_columns}}
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (tier, tenant, price_slot, feature, action, intended_sku, environment, model, sku, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 6 counters: soft-cap degradation rate'
