-- One row per applied revision of the price book.
CREATE TABLE IF NOT EXISTS {{db}}.price_revisions {{on_cluster}} (
  revision UInt32 COMMENT 'Number of the revision, from 1',
  applied_at DateTime64(3, 'UTC') COMMENT 'When it was applied',
  author String COMMENT 'Who applied it',
  reason String COMMENT 'Why',
  digest String COMMENT 'SHA-256 of the compiled book that was loaded, empty for single rows'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY revision
SETTINGS {{table_settings}}
COMMENT 'Revisions of the price book'
