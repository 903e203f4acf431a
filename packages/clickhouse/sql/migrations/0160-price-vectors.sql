-- The prices that views multiply with: the meters that nearly every call has, and which meters have a price at all.
CREATE OR REPLACE DICTIONARY {{db}}.price_vectors {{on_cluster}} (
  vector UInt64,
  priced_bits UInt32 DEFAULT 0,
  output_ratio Float64 DEFAULT 4,
{{hot_price_attributes}}
)
PRIMARY KEY vector
SOURCE(CLICKHOUSE(QUERY 'SELECT vector, priced_bits, {{output_ratio}} AS output_ratio, {{hot_price_names}} FROM {{db}}.price_vector_rows'{{dictionary_version:uniqExact(vector) FROM price_vector_rows}}))
{{dictionary_lifetime}}
LAYOUT(HASHED_ARRAY())
COMMENT 'Ninths of femto-dollars per unit of the common meters, 0 where there is no price; and which meters have one'
