-- Every distinct set of unit prices that ever priced a window. Named by its content, so that a row never changes: queries
-- that began before a new book was loaded still find the prices of the old one.
CREATE TABLE IF NOT EXISTS {{db}}.price_vector_rows {{on_cluster}} (
  vector UInt64 COMMENT 'Digest of the prices',
  priced_bits UInt32 COMMENT 'Bit n set: meter n has a price',
{{vector_price_columns}}
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was first compiled'
)
ENGINE = {{engine_everywhere:ReplacingMergeTree}}
ORDER BY vector
SETTINGS {{table_settings}}
COMMENT 'Distinct sets of unit prices'
