-- Token counts at which calls are cut into prompt bands. Append-only: the index is what calls store, for ever.
CREATE TABLE IF NOT EXISTS {{db}}.band_edges {{on_cluster}} (
  `index` UInt8 COMMENT 'What a call stores as prompt_band; 0 is no edge exceeded',
  tokens UInt32 COMMENT 'A call is above the edge when its total input is greater; equal in all rows of one index',
  active_from DateTime('UTC') COMMENT 'Calls that start at or after it are cut here; of one index the earliest holds',
  added_at DateTime64(3, 'UTC') COMMENT 'When it was appended; the edges of the first load share one time',
  author String COMMENT 'Who appended it',
  reason String COMMENT 'Why'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY `index`
SETTINGS {{table_settings}}
COMMENT 'Edges of prompt bands'
