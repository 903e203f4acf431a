-- Every distinct combination a price can depend on, with when it was seen. The price book is compiled for these.
CREATE TABLE IF NOT EXISTS {{db}}.skus {{on_cluster}} (
  sku UInt64 COMMENT 'Digest of the five parts',
  provider LowCardinality(String) COMMENT 'Biller, folded from host and provider',
  model LowCardinality(String) COMMENT 'Model, raw',
  region LowCardinality(String) COMMENT 'Region or residency value, raw',
  tier LowCardinality(String) COMMENT 'Service tier with batch and speed folded in',
  prompt_band UInt8 COMMENT 'Index of the highest band edge exceeded by the total input',
  first_seen SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'Earliest slot of a call with this sku',
  last_seen SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'Latest slot of a call with this sku',
  calls SimpleAggregateFunction(sum, Int64) COMMENT 'Net calls (part = main)',
  tokens SimpleAggregateFunction(sum, Int64) COMMENT 'Net input and output tokens'
)
ENGINE = {{engine:AggregatingMergeTree}}
ORDER BY (sku, provider, model, region, tier, prompt_band)
SETTINGS {{table_settings}}
COMMENT 'Distinct price selectors seen in the ledger'
