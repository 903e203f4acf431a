-- A sender says whom it works for, its token says who it is: where they differ, the token holds and the claim is kept.
ALTER TABLE {{db}}.spans {{on_cluster}}
  ADD COLUMN IF NOT EXISTS claimed_tenant LowCardinality(String) COMMENT 'Tenant that the span named itself, where another one holds because of its token, or where it is no valid tenant id; else empty' AFTER tenant
