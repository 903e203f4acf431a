-- A revision that is not applied yet. Its facts stand in the tables of the book under its number, visible to nobody but
-- the book `staged`; what it would close is listed here.
CREATE TABLE IF NOT EXISTS {{db}}.price_stagings {{on_cluster}} (
  staging UInt32 COMMENT 'Number of the staging, from 2147483648',
  staged_at DateTime64(3, 'UTC') COMMENT 'When it was staged',
  base UInt32 COMMENT 'Revision that it changes',
  author String COMMENT 'Who staged it',
  reason String COMMENT 'Why',
  closes Array(UInt64) COMMENT 'Ids of the facts that it would close'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY staging
SETTINGS {{table_settings}}
COMMENT 'Staged revisions of the price book'
