-- Where the entries of a trace stand: found by its id in a few granules, while `calls` is in another order.
CREATE TABLE IF NOT EXISTS {{db}}.entry_index {{on_cluster}} (
  trace_id FixedString(16) COMMENT 'W3C trace id, raw bytes',
  authority LowCardinality(String) COMMENT 'Who vouches for the calls',
  day Date COMMENT 'Day of posting, UTC: within the partition of calls and quarantine',
  entries SimpleAggregateFunction(sum, UInt64) COMMENT 'Rows of calls and quarantine'
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (trace_id, authority, day)
SETTINGS {{table_settings}}, index_granularity = 128
COMMENT 'Which traces have entries, and on which days they were posted'
