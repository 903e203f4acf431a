-- Calls that were refused (missing attribution, conflict) with their counters kept: signed like the ledger, so that
-- a call that becomes complete later leaves the quarantine by a reversal.
CREATE TABLE IF NOT EXISTS {{db}}.quarantine {{on_cluster}} (
  entry_id FixedString(16) COMMENT 'Digest of (call key, seq, sign)',
  sign Int8 COMMENT '+1 refused, -1 released',
  seq UInt32 COMMENT 'Ordinal for its call key, from 1',
  content_hash FixedString(16) COMMENT 'Digest of what was refused and why: equal means nothing to correct',
  posted_at DateTime64(3, 'UTC') COMMENT 'When the entry was posted',
  reason LowCardinality(String) COMMENT 'Why: missing_attribution',
  missing Array(LowCardinality(String)) COMMENT 'Required attributes that were not given',
  authority LowCardinality(String) COMMENT 'Who vouches for the call',
  trace_id FixedString(16) COMMENT 'Trace id, raw bytes',
  span_id FixedString(8) COMMENT 'Span id, raw bytes',
  part LowCardinality(String) COMMENT 'Part of the call',
  time DateTime64(9, 'UTC') COMMENT 'Start of the call, clamped',
  tenant LowCardinality(String) COMMENT 'Tenant if given',
  feature LowCardinality(String) COMMENT 'Feature if given',
  workload LowCardinality(String) COMMENT 'Workload if given',
  service LowCardinality(String) COMMENT 'service.name of the sender',
  environment LowCardinality(String) COMMENT 'Deployment environment',
  scope_name LowCardinality(String) COMMENT 'Instrumentation scope',
  provider LowCardinality(String) COMMENT 'Biller',
  model LowCardinality(String) COMMENT 'Model, raw',
  sku UInt64 COMMENT 'Sku the call would have been priced by',
  price_slot DateTime('UTC') COMMENT '30-minute UTC slot of the call',
  usage_bits UInt32 COMMENT 'As in calls',
  meters Map(LowCardinality(String), UInt64) COMMENT 'Non-zero meters of the call',
  wal_id LowCardinality(String) COMMENT 'Log of the collector that posted the entry',
  unit UInt64 COMMENT 'Ledger unit of that log',
  pos UInt32 COMMENT 'Position in its unit',
  INDEX trace_id_bloom trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toYYYYMM(posted_at)
ORDER BY (reason, time, trace_id)
SETTINGS {{table_settings}}
COMMENT 'Refused calls with their counters: nothing unattributed is silent, nothing is dropped'
