-- Feeds the index of entries from the quarantine.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.refused_entry_index_mv {{on_cluster}} TO {{db}}.entry_index
COMMENT 'Feeds entry_index from quarantine' AS
SELECT trace_id, authority, toDate(posted_at) AS day, count() AS entries
FROM {{db}}.quarantine
GROUP BY trace_id, authority, day
