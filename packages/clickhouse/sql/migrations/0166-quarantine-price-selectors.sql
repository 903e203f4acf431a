-- What a refused call would have been priced by: the parts of its sku, as in calls. Empty on rows of before.
ALTER TABLE {{db}}.quarantine {{on_cluster}}
  ADD COLUMN IF NOT EXISTS price_region LowCardinality(String) COMMENT 'Region or residency value, raw' AFTER model,
  ADD COLUMN IF NOT EXISTS price_tier LowCardinality(String) COMMENT 'Service tier with batch and speed folded in' AFTER price_region,
  ADD COLUMN IF NOT EXISTS prompt_band UInt8 COMMENT 'Index of the highest band edge exceeded by the total input' AFTER price_tier
