-- KPI 7: counters per feature.
CREATE TABLE IF NOT EXISTS {{db}}.feature_counters {{on_cluster}} (
  feature LowCardinality(String) COMMENT 'Product surface',
  route LowCardinality(String) COMMENT 'Routing decision',
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  workload LowCardinality(String) COMMENT 'chat, agent or rag',
  prompt_version LowCardinality(String) COMMENT 'Version of the prompt',
  tool LowCardinality(String) COMMENT 'Tool the call was made for',
  environment LowCardinality(String) COMMENT 'Deployment environment',
  model LowCardinality(String) COMMENT 'Model as calls spell it; follows from the sku',
{{key_columns}}
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (feature, price_slot, route, tenant, workload, prompt_version, tool, environment, model, sku, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 7 counters: feature concentration'
