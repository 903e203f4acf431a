-- The price of any one meter in a set of prices.
CREATE OR REPLACE DICTIONARY {{db}}.meter_prices {{on_cluster}} (
  key UInt64,
  f9 Nullable(Int64)
)
PRIMARY KEY key
SOURCE(CLICKHOUSE(QUERY 'SELECT cityHash64(vector, meter.1) AS key, meter.2 AS f9 FROM {{db}}.price_vector_rows ARRAY JOIN [{{meter_price_pairs}}] AS meter WHERE bitTest(priced_bits, meter.3)'{{dictionary_version:uniqExact(vector) FROM price_vector_rows}}))
{{dictionary_lifetime}}
LAYOUT(HASHED())
COMMENT 'Ninths of femto-dollars per unit by (vector, meter); no row = no price'
