-- The dictionary every view prices with. `window_start` names the window of a slot: views group by it, since all calls of one
-- window cost the same, and look the prices up once per group.
CREATE OR REPLACE DICTIONARY {{db}}.price_windows {{on_cluster}} (
  key UInt64,
  window_from DateTime('UTC'),
  window_last DateTime('UTC'),
  window_start DateTime('UTC') DEFAULT '1970-01-01 00:00:00',
  book_key UInt64 DEFAULT 0,
  state String DEFAULT 'unpriced_model',
  currency String DEFAULT '',
  provider String DEFAULT '',
  model String DEFAULT '',
  region String DEFAULT '',
  tier String DEFAULT '',
{{dictionary_price_attributes}}
  n_audio_second UInt8 DEFAULT 0,
  n_container_second UInt8 DEFAULT 0
)
PRIMARY KEY key
SOURCE(CLICKHOUSE(QUERY 'SELECT key, window_from, window_to - 1 AS window_last, window_from AS window_start, book_key, state, currency, provider, model, region, tier, {{window_price_names}}, n_audio_second, n_container_second FROM {{db}}.price_window_rows'))
LIFETIME(0)
LAYOUT(RANGE_HASHED())
RANGE(MIN window_from MAX window_last)
COMMENT 'Femto-dollar prices per (book, sku) and price slot, NULL = the meter has no price; and the book of each tenant'
