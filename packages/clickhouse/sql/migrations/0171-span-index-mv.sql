-- Feeds the index of evidence.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.span_index_mv {{on_cluster}} TO {{db}}.span_index
COMMENT 'Feeds span_index from spans' AS
SELECT trace_id, authority, wal_id, toDate(received_at) AS day, count() AS spans, sum(lsn * 1048576 + pos) AS places
FROM {{db}}.spans
GROUP BY trace_id, authority, wal_id, day
