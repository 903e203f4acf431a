-- Feeds the index of entries from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.entry_index_mv {{on_cluster}} TO {{db}}.entry_index
COMMENT 'Feeds entry_index from calls' AS
SELECT trace_id, authority, toDate(posted_at) AS day, count() AS entries
FROM {{db}}.calls
GROUP BY trace_id, authority, day
