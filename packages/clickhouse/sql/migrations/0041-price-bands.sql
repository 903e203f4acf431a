-- Long-context thresholds of a sheet, with the two clocks of price_rows.
CREATE TABLE IF NOT EXISTS {{db}}.price_bands {{on_cluster}} (
  row_id UInt64 COMMENT 'Digest of the row',
  card LowCardinality(String) COMMENT 'list, org:…, tenant:… or project:…',
  provider LowCardinality(String) COMMENT 'Who bills',
  model LowCardinality(String) COMMENT 'Canonical model id',
  region LowCardinality(String) COMMENT 'Canonical region',
  tier LowCardinality(String) COMMENT 'Canonical service tier',
  gt Array(UInt32) COMMENT 'Strict thresholds in tokens, ascending',
  valid_from DateTime('UTC') COMMENT 'Business time, inclusive',
  valid_to DateTime('UTC') COMMENT 'Business time, exclusive',
  revision UInt32 COMMENT 'Revision in which the row became visible',
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When we knew it',
  superseded_in UInt32 DEFAULT 0 COMMENT 'Revision that closed the row; 0 = open',
  superseded_at DateTime64(3, 'UTC') DEFAULT '2299-12-31 00:00:00.000' COMMENT 'When the row was closed'
)
ENGINE = {{engine_everywhere:ReplacingMergeTree(superseded_in)}}
ORDER BY (card, provider, model, region, tier, valid_from, row_id)
SETTINGS {{table_settings}}
COMMENT 'Long-context thresholds of the price sheets'
