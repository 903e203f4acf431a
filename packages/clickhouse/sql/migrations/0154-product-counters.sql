-- KPI 8: counters per product surface and month. Signup cohorts join from the users facts through user_counters.
CREATE TABLE IF NOT EXISTS {{db}}.product_counters {{on_cluster}} (
  month Date COMMENT 'First day of the UTC month of the call',
  service LowCardinality(String) COMMENT 'Product: service.name of the sender',
  environment LowCardinality(String) COMMENT 'Deployment environment',
  feature LowCardinality(String) COMMENT 'Product surface',
  tier LowCardinality(String) COMMENT 'Plan of the customer',
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  model LowCardinality(String) COMMENT 'Model as calls spell it; follows from the sku',
{{key_columns}}
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (month, service, environment, feature, tier, tenant, model, sku, price_slot, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 8 counters: cost-to-revenue'
