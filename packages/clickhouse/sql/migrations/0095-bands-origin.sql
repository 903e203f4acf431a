-- Who keeps a band: a new release replaces what it shipped itself, and nothing that an operator configured.
ALTER TABLE {{db}}.bands {{on_cluster}}
  ADD COLUMN IF NOT EXISTS origin LowCardinality(String) DEFAULT 'packaged' COMMENT 'packaged, or file for a band from a bands file of the operator'
