-- What made a revision: rows that were closed by hand do not come back with the next edition.
ALTER TABLE {{db}}.price_revisions {{on_cluster}}
  ADD COLUMN IF NOT EXISTS kind LowCardinality(String) DEFAULT 'edition' COMMENT 'edition, overlay, contract, add or supersede'
