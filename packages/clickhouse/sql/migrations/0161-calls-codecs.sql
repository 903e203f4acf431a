-- Ids are hexadecimal text or times that only grow: half of their bytes are redundant. Rows that are there already keep
-- their form until they are merged.
ALTER TABLE {{db}}.calls {{on_cluster}}
  MODIFY COLUMN posted_at CODEC(Delta(8), ZSTD(1)),
  MODIFY COLUMN user CODEC(ZSTD(1)),
  MODIFY COLUMN task CODEC(ZSTD(1)),
  MODIFY COLUMN parent_task CODEC(ZSTD(1)),
  MODIFY COLUMN session CODEC(ZSTD(1)),
  MODIFY COLUMN turn CODEC(ZSTD(1)),
  MODIFY COLUMN leaf CODEC(ZSTD(1)),
  MODIFY COLUMN response_id CODEC(ZSTD(1))
