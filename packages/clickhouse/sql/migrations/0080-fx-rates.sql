-- Facts: exchange rates. Amounts are never stored converted; a figure is converted when it is shown.
CREATE TABLE IF NOT EXISTS {{db}}.fx_rates {{on_cluster}} (
  base LowCardinality(String) COMMENT 'ISO 4217: one unit of it costs `rate` units of `quote`',
  quote LowCardinality(String) COMMENT 'ISO 4217',
  day Date COMMENT 'UTC day of the rate; it holds until the next day that has one',
  rate Decimal(18, 9) COMMENT 'Units of `quote` for one unit of `base`, above 0',
  source LowCardinality(String) COMMENT 'Who published the rate',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded; of one day the latest holds',
  CONSTRAINT rate_is_positive CHECK rate > 0
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (base, quote, day, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts loaded by the user: exchange rates'
