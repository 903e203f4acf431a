-- Books that ask what if: another book with some cells changed, or with calls priced as another model. Definitions are
-- resolved against their base whenever it changes. The latest definition of a name holds; an empty one drops the name.
CREATE TABLE IF NOT EXISTS {{db}}.what_if_books {{on_cluster}} (
  name String COMMENT 'How views ask for it',
  defined_at DateTime64(3, 'UTC') COMMENT 'When it was defined',
  base String COMMENT 'Book that it changes',
  definition String COMMENT 'JSON: cells with their changes, and the model and tier that calls are priced as; empty = dropped',
  author String COMMENT 'Who defined it',
  reason String COMMENT 'Why'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (name, defined_at)
SETTINGS {{table_settings}}
COMMENT 'What-if books'
