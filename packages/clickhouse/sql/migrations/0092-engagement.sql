-- Facts: what the product knows of a user's engagement. A heavy user who stays is a customer to protect.
CREATE TABLE IF NOT EXISTS {{db}}.engagement {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Tenant of the user',
  user String COMMENT 'Keyed hash (h_…) as on the spans',
  signal LowCardinality(String) COMMENT 'Short text such as retained, growing, at_risk',
  score Nullable(Float64) COMMENT 'Figure behind the signal, on the scale of whoever gives it; NULL where there is none',
  valid_from DateTime('UTC') COMMENT 'When the fact starts to hold',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (tenant, user, valid_from, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts loaded by the user: engagement of users'
