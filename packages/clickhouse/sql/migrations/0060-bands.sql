-- Bands of the KPIs as data. A load appends one version; the latest holds.
CREATE TABLE IF NOT EXISTS {{db}}.bands {{on_cluster}} (
  version DateTime64(3, 'UTC') COMMENT 'Load this row belongs to',
  band LowCardinality(String) COMMENT 'Band id such as cost_to_revenue',
  lower Float64 COMMENT 'Edge from which the verdict holds; -1e300 for the base',
  strict UInt8 COMMENT '1: the edge itself still belongs to the verdict below (upper bounds)',
  verdict LowCardinality(String) COMMENT 'ok, watch, warn, act, low or none'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (band, version, lower)
SETTINGS {{table_settings}}
COMMENT 'KPI bands'
