-- Evidence: one row per received GenAI-related span, content stripped. May hold a span twice; no KPI reads it.
CREATE TABLE IF NOT EXISTS {{db}}.spans {{on_cluster}} (
  authority LowCardinality(String) COMMENT 'Who vouches for the span: bound tenant, account of a trusted token, or local',
  trace_id FixedString(16) COMMENT 'W3C trace id, raw bytes',
  span_id FixedString(8) COMMENT 'Span id, raw bytes',
  parent_span_id FixedString(8) COMMENT 'Parent span id, raw bytes; zero for a root span',
  tenant LowCardinality(String) COMMENT 'outlay.tenant.id of the span or resource, empty when not given',
  name LowCardinality(String) COMMENT 'Span name, at most 128 bytes',
  kind UInt8 COMMENT 'OTLP span kind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer',
  status_code UInt8 COMMENT 'OTLP status: 0 unset, 1 ok, 2 error',
  start_unix_nano UInt64 COMMENT 'Start as the client sent it, ns since the epoch' CODEC(Delta(8), ZSTD(1)),
  end_unix_nano UInt64 COMMENT 'End as the client sent it, ns since the epoch' CODEC(Delta(8), ZSTD(1)),
  scope_name LowCardinality(String) COMMENT 'Instrumentation scope name',
  scope_version LowCardinality(String) COMMENT 'Instrumentation scope version',
  resource Map(LowCardinality(String), String) COMMENT 'Resource attributes as text',
  attributes_string Map(LowCardinality(String), String) COMMENT 'String attributes',
  attributes_int Map(LowCardinality(String), Int64) COMMENT 'Integer attributes, exact',
  attributes_double Map(LowCardinality(String), Float64) COMMENT 'Floating point attributes',
  attributes_bool Map(LowCardinality(String), UInt8) COMMENT 'Boolean attributes, 0 or 1',
  received_at DateTime64(9, 'UTC') COMMENT 'Collector clock at receipt, monotone within one log' CODEC(Delta(8), ZSTD(1)),
  wal_id LowCardinality(String) COMMENT 'Identity of the write-ahead log the span came through',
  lsn UInt64 COMMENT 'Record in that log' CODEC(Delta(8), ZSTD(1)),
  pos UInt32 COMMENT 'Position of the span in its record' CODEC(Delta(4), ZSTD(1)),
  INDEX trace_id_bloom trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toDate(received_at)
ORDER BY (tenant, toStartOfHour(fromUnixTimestamp64Nano(toInt64(start_unix_nano))), trace_id)
TTL toDateTime(received_at) + INTERVAL 13 MONTH
SETTINGS {{table_settings}}, ttl_only_drop_parts = 1
COMMENT 'Evidence: every received GenAI-related span with its content stripped'
