-- Contracts as they were authored, with the two clocks of what is known: discounts are resolved again on every new list.
CREATE TABLE IF NOT EXISTS {{db}}.price_contracts {{on_cluster}} (
  row_id UInt64 COMMENT 'Digest of the contract',
  card LowCardinality(String) COMMENT 'tenant:…, org:…, project:… or operator',
  file_name String COMMENT 'File it was imported from, as problems name it',
  text String COMMENT 'The YAML, as it was imported' CODEC(ZSTD(3)),
  revision UInt32 COMMENT 'Revision in which the contract became visible',
  recorded_at DateTime64(3, 'UTC') COMMENT 'When we knew it',
  superseded_in UInt32 COMMENT 'Revision that closed it; 0 = open',
  superseded_at DateTime64(3, 'UTC') COMMENT 'When it was closed'
)
ENGINE = {{engine_everywhere:ReplacingMergeTree(superseded_in)}}
ORDER BY (card, row_id)
SETTINGS {{table_settings}}
COMMENT 'Contracts of the price book, as authored'
