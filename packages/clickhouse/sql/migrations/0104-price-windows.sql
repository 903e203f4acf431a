-- Which prices hold for a price key at a slot, and which book prices a tenant. Prices themselves are named by content
-- (price_vectors), so that one lookup per row of counters leads to all of them.
CREATE OR REPLACE DICTIONARY {{db}}.price_windows {{on_cluster}} (
  key UInt64,
  window_from DateTime('UTC'),
  window_last DateTime('UTC'),
  vector UInt64 DEFAULT 0,
  book_key UInt64 DEFAULT 0,
  state String DEFAULT 'unpriced_model',
  currency String DEFAULT '',
  provider String DEFAULT '',
  model String DEFAULT '',
  region String DEFAULT '',
  tier String DEFAULT ''
)
PRIMARY KEY key
SOURCE(CLICKHOUSE(QUERY 'SELECT key, window_from, window_to - 1 AS window_last, vector, book_key, state, currency, provider, model, region, tier FROM {{db}}.price_window_rows'{{dictionary_version:sum(cityHash64(key, window_from, window_to, vector, book_key)) FROM price_window_rows}}))
{{dictionary_lifetime}}
LAYOUT(RANGE_HASHED())
RANGE(MIN window_from MAX window_last)
COMMENT 'Set of prices per (book, sku) and price slot; and the book of each tenant'
