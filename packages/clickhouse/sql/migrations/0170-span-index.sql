-- Where the evidence of a trace stands: found by its id in a few granules, while `spans` is in another order.
CREATE TABLE IF NOT EXISTS {{db}}.span_index {{on_cluster}} (
  trace_id FixedString(16) COMMENT 'W3C trace id, raw bytes',
  authority LowCardinality(String) COMMENT 'Who vouches for the spans',
  wal_id LowCardinality(String) COMMENT 'Log that the spans came through',
  day Date COMMENT 'Day of receipt, UTC: the partition of spans',
  spans SimpleAggregateFunction(sum, UInt64) COMMENT 'Rows',
  places SimpleAggregateFunction(sum, UInt64) COMMENT 'Sum of lsn × 2^20 + pos of the rows, modulo 2^64: tells one set of rows from another'
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (trace_id, authority, wal_id, day)
TTL day + INTERVAL 14 MONTH
SETTINGS {{table_settings}}, ttl_only_drop_parts = 1, index_granularity = 128
COMMENT 'Which spans of a trace are stored, and on which days'
