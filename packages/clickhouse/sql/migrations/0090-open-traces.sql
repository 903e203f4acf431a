-- Which evaluation of an open trace counts: the last one. No entries = it is settled.
CREATE TABLE IF NOT EXISTS {{db}}.open_traces {{on_cluster}} (
  authority LowCardinality(String) COMMENT 'Who vouches for the trace',
  trace_id FixedString(16) COMMENT 'Trace id, raw bytes',
  evaluated_at DateTime64(3, 'UTC') COMMENT 'When the trace was evaluated as it stood, or settled',
  entries UInt32 COMMENT 'Entries of that evaluation in open_entries; 0 once the trace is settled',
  opened_at DateTime64(3, 'UTC') COMMENT 'When its first span since the last settlement arrived'
)
ENGINE = {{engine:ReplacingMergeTree(evaluated_at)}}
ORDER BY (authority, trace_id)
TTL toDateTime(evaluated_at) + INTERVAL 1 HOUR
SETTINGS {{table_settings}}
COMMENT 'Last evaluation of each trace that was open in the last hour'
