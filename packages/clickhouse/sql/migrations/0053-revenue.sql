-- Facts: revenue per calendar month and scope. A scope without revenue shows NULL, never 0.
CREATE TABLE IF NOT EXISTS {{db}}.revenue {{on_cluster}} (
  month Date COMMENT 'First day of the UTC calendar month',
  scope_kind LowCardinality(String) COMMENT 'tenant, feature, tier or product',
  scope LowCardinality(String) COMMENT 'Id within the kind',
  amount Decimal(38, 15) COMMENT 'Revenue of the month in `currency`',
  currency LowCardinality(String) COMMENT 'ISO 4217',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded; the latest wins'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (scope_kind, scope, month, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts loaded by the user: revenue'
