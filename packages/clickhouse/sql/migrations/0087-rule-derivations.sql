-- Which version of the dialect rules the ledger of a log follows: what was settled under older rules is derived again once.
CREATE TABLE IF NOT EXISTS {{db}}.rule_derivations {{on_cluster}} (
  wal_id LowCardinality(String) COMMENT 'Log whose candidates were derived',
  rules_version LowCardinality(String) COMMENT 'Version of the dialect rules that they were derived with',
  finished_at DateTime64(3, 'UTC') COMMENT 'When every open trace of the log followed these rules',
  traces UInt64 COMMENT 'Traces that were evaluated again',
  corrections UInt64 COMMENT 'Ledger entries that were posted'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (wal_id, finished_at)
SETTINGS {{table_settings}}
COMMENT 'Rule versions that the ledger was brought to'
