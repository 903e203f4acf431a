-- Facts: changes of plan. Conversion after an overage event is counted from them. Of one key (tenant, user, kind, at) the row loaded last holds.
CREATE TABLE IF NOT EXISTS {{db}}.plan_events {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Tenant id as in outlay.tenant.id',
  user String COMMENT 'Keyed hash (h_…) of the user who changed plan; empty for an event of the whole workspace',
  kind LowCardinality(String) COMMENT 'upgrade, downgrade, expansion (of the pool), renewal or churn',
  from_tier LowCardinality(String) COMMENT 'Plan before; empty where the event has none',
  to_tier LowCardinality(String) COMMENT 'Plan after; empty where the event has none',
  at DateTime('UTC') COMMENT 'When it happened',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded; the latest wins'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (tenant, user, kind, at, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts loaded by the user: upgrades, downgrades, pool expansions, renewals and churn'
