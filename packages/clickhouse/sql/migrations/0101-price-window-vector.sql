-- Which set of prices holds in a window.
ALTER TABLE {{db}}.price_window_rows {{on_cluster}}
  ADD COLUMN IF NOT EXISTS vector UInt64 COMMENT 'Prices of the window, see price_vector_rows'
