-- Compiled price book: for every book and sku its time line of prices. Derived, rebuilt beside and exchanged whole.
CREATE TABLE IF NOT EXISTS {{db}}.price_window_rows {{on_cluster}} (
  key UInt64 DEFAULT cityHash64(toString(book), sku) COMMENT 'Key of the dictionary: digest of book and sku',
  book LowCardinality(String) COMMENT 'current, a pinned revision or a what-if book',
  sku UInt64 COMMENT 'Price selectors, see skus',
  window_from DateTime('UTC') COMMENT 'First price slot of the window',
  window_to DateTime('UTC') COMMENT 'End of the window, exclusive',
  state LowCardinality(String) COMMENT 'ok, unpriced_model, unpriced_tier or unpriced_time',
  currency LowCardinality(String) COMMENT 'Currency of the prices',
  provider LowCardinality(String) COMMENT 'Resolved biller',
  model LowCardinality(String) COMMENT 'Resolved canonical model',
  region LowCardinality(String) COMMENT 'Resolved region',
  tier LowCardinality(String) COMMENT 'Resolved tier',
{{window_price_columns}}
  n_audio_second UInt8 COMMENT 'Ninths of a femto-dollar per audio second beside f_audio_second',
  n_container_second UInt8 COMMENT 'Ninths of a femto-dollar per container second beside f_container_second'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (key, window_from)
SETTINGS {{table_settings}}
COMMENT 'Compiled price windows per book and sku'
