-- What the compiled windows were built from: a load is current while nothing below it changed.
CREATE TABLE IF NOT EXISTS {{db}}.price_window_loads {{on_cluster}} (
  loaded_at DateTime64(3, 'UTC') COMMENT 'When readers saw the new windows',
  revision UInt32 COMMENT 'Revision of the book',
  skus UInt32 COMMENT 'Skus compiled',
  windows UInt64 COMMENT 'Windows written'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY loaded_at
SETTINGS {{table_settings}}
COMMENT 'Loads of the compiled price windows'
