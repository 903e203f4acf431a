-- The dictionary every view prices with: one lookup per aggregated group.
CREATE DICTIONARY IF NOT EXISTS {{db}}.price_windows {{on_cluster}} (
  key UInt64,
  window_from DateTime('UTC'),
  window_last DateTime('UTC'),
  state String DEFAULT 'unpriced_model',
  currency String DEFAULT '',
  provider String DEFAULT '',
  model String DEFAULT '',
{{dictionary_price_attributes}}
  n_audio_second UInt8 DEFAULT 0,
  n_container_second UInt8 DEFAULT 0
)
PRIMARY KEY key
SOURCE(CLICKHOUSE(QUERY 'SELECT key, window_from, window_to - 1 AS window_last, state, currency, provider, model, {{window_price_names}}, n_audio_second, n_container_second FROM {{db}}.price_window_rows'))
LIFETIME(0)
LAYOUT(RANGE_HASHED())
RANGE(MIN window_from MAX window_last)
COMMENT 'Femto-dollar prices per (book, sku) and price slot; NULL = the meter has no price'
