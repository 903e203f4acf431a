-- What people join such spans with: one list price per model and time.
CREATE TABLE {{db}}.list_prices (
  model String,
  valid_from DateTime('UTC'),
  input_usd Float64,
  cache_read_usd Float64,
  cache_write_usd Float64,
  output_usd Float64
)
ENGINE = MergeTree
ORDER BY (model, valid_from)
