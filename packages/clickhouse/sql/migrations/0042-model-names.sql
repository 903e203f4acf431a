-- What a raw model name means, and when: correcting a name reprices history.
CREATE TABLE IF NOT EXISTS {{db}}.model_names {{on_cluster}} (
  row_id UInt64 COMMENT 'Digest of the row',
  card LowCardinality(String) COMMENT 'list, or the operator card that wins over it',
  provider LowCardinality(String) COMMENT 'Who bills',
  name String COMMENT 'Raw name as telemetry spells it',
  model LowCardinality(String) COMMENT 'Canonical model id',
  region LowCardinality(String) COMMENT 'Region implied by the name; empty for none',
  rule LowCardinality(String) COMMENT 'exact, or yyyymmdd / yyyy-mm-dd: the name with a dated snapshot behind it',
  valid_from DateTime('UTC') COMMENT 'Business time, inclusive',
  valid_to DateTime('UTC') COMMENT 'Business time, exclusive',
  revision UInt32 COMMENT 'Revision in which the row became visible',
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When we knew it',
  superseded_in UInt32 DEFAULT 0 COMMENT 'Revision that closed the row; 0 = open',
  superseded_at DateTime64(3, 'UTC') DEFAULT '2299-12-31 00:00:00.000' COMMENT 'When the row was closed'
)
ENGINE = {{engine_everywhere:ReplacingMergeTree(superseded_in)}}
ORDER BY (card, provider, name, rule, valid_from, row_id)
SETTINGS {{table_settings}}
COMMENT 'Model names with validity'
