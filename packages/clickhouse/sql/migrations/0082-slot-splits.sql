-- Instants inside a 30-minute slot at which calls of one raw model are cut, so that a price may change there. Append-only.
CREATE TABLE IF NOT EXISTS {{db}}.slot_splits {{on_cluster}} (
  provider LowCardinality(String) COMMENT 'Biller, as in calls.price_provider',
  model String COMMENT 'Raw model, as in calls.price_model; wrapped spellings and dated snapshots of it are cut with it',
  at DateTime('UTC') COMMENT 'Calls from here to the end of the slot, or to the next split, carry it as their price_slot',
  added_at DateTime64(3, 'UTC') COMMENT 'When it was appended',
  author String COMMENT 'Who appended it',
  reason String COMMENT 'Why'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (provider, model, at)
SETTINGS {{table_settings}}
COMMENT 'Cuts of slots'
