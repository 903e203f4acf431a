-- Who keeps a fact: an edition of the catalogue may take back what it said, and nothing else.
ALTER TABLE {{db}}.price_bands {{on_cluster}}
  ADD COLUMN IF NOT EXISTS origin LowCardinality(String) DEFAULT 'catalogue' COMMENT 'catalogue, or local for what was added on this installation'
