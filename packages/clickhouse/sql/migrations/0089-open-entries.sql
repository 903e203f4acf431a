-- What the ledger would gain and lose if a trace that is still open were settled as it stands. Never part of the ledger.
CREATE TABLE IF NOT EXISTS {{db}}.open_entries {{on_cluster}} (
  authority LowCardinality(String) COMMENT 'Who vouches for the call',
  trace_id FixedString(16) COMMENT 'Trace id, raw bytes',
  evaluated_at DateTime64(3, 'UTC') COMMENT 'Evaluation of the trace; only the last one counts, see open_traces',
  span_id FixedString(8) COMMENT 'Span id, raw bytes',
  part LowCardinality(String) COMMENT 'Part of the call',
  sign Int8 COMMENT '+1 would be charged, -1 would be reversed',
  time DateTime64(9, 'UTC') COMMENT 'Start of the call, clamped',
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  user String COMMENT 'Keyed hash of the user, empty for account-level calls',
  feature LowCardinality(String) COMMENT 'Product surface',
  workload LowCardinality(String) COMMENT 'chat, agent or rag',
  task String COMMENT 'Task of the call',
  sku UInt64 COMMENT 'Price selectors of the call, see skus',
  price_slot DateTime('UTC') COMMENT '30-minute UTC slot that prices the call',
  usage_bits UInt32 COMMENT 'As in calls',
{{call_meter_columns}}
  units Map(LowCardinality(String), UInt64) COMMENT 'Rare meters, as in calls'
)
ENGINE = {{engine:MergeTree}}
ORDER BY (authority, trace_id, evaluated_at)
TTL toDateTime(evaluated_at) + INTERVAL 1 HOUR
SETTINGS {{table_settings}}
COMMENT 'Provisional entries of traces that are still open'
