-- KPI 1: counters per task.
CREATE TABLE IF NOT EXISTS {{db}}.task_counters {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Paying tenant',
  feature LowCardinality(String) COMMENT 'Product surface',
  route LowCardinality(String) COMMENT 'Routing decision',
  workload LowCardinality(String) COMMENT 'chat, agent or rag',
  task_type LowCardinality(String) COMMENT 'Type of the task',
  task String COMMENT 'Task id' CODEC(ZSTD(1)),
  session String COMMENT 'Session id' CODEC(ZSTD(1)),
  turn String COMMENT 'User-visible turn' CODEC(ZSTD(1)),
  attempt_class LowCardinality(String) COMMENT 'first, or retry for attempt > 1',
  environment LowCardinality(String) COMMENT 'Deployment environment',
  model LowCardinality(String) COMMENT 'Model as calls spell it; follows from the sku',
{{key_columns}}
  task_key SimpleAggregateFunction(any, UInt64) COMMENT 'Digest of tenant and task: what views group by instead of two texts',
  session_key SimpleAggregateFunction(any, UInt64) COMMENT 'Digest of tenant and session; 0 without a session',
  turn_key SimpleAggregateFunction(any, UInt64) COMMENT 'Digest of tenant, task and turn',
  successes SimpleAggregateFunction(sum, Int64) COMMENT 'Net calls that carried outcome = success' CODEC(T64, ZSTD(1)),
  first_time SimpleAggregateFunction(min, DateTime64(9, 'UTC')) COMMENT 'Earliest call ever posted under the key, reversed ones included' CODEC(Delta(8), ZSTD(1)),
  last_time SimpleAggregateFunction(max, DateTime64(9, 'UTC')) COMMENT 'Latest call ever posted under the key, reversed ones included' CODEC(Delta(8), ZSTD(1)),
  input_max SimpleAggregateFunction(max, UInt64) COMMENT 'Largest total input of one call, reversed ones included; tokens' CODEC(T64, ZSTD(1)),
  prompt_layer SimpleAggregateFunction(sum, Int64) COMMENT 'Net prompt tokens as counted by the application; informative' CODEC(T64, ZSTD(1)),
  tool_layer SimpleAggregateFunction(sum, Int64) COMMENT 'Net tool tokens as counted by the application; informative' CODEC(T64, ZSTD(1)),
  memory_layer SimpleAggregateFunction(sum, Int64) COMMENT 'Net memory and retrieval tokens as counted by the application; informative' CODEC(T64, ZSTD(1)),
{{counter_columns}}
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(price_slot)
ORDER BY (tenant, price_slot, feature, workload, task_type, task, session, turn, route, attempt_class, environment, model, sku, usage_bits)
SETTINGS {{table_settings}}
COMMENT 'KPI 1 counters: per-task cost'
