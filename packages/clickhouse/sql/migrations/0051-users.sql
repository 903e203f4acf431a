-- Facts: users by keyed hash. The table that links hashes to people never reaches the warehouse.
CREATE TABLE IF NOT EXISTS {{db}}.users {{on_cluster}} (
  user String COMMENT 'Keyed hash (h_…) as on the spans',
  tenant LowCardinality(String) COMMENT 'Tenant of the user',
  tier LowCardinality(String) COMMENT 'Plan',
  signup_month Date COMMENT 'First day of the signup month',
  seat_price_usd Nullable(Decimal(38, 15)) COMMENT 'Monthly seat price in USD',
  valid_from DateTime('UTC') COMMENT 'When the fact starts to hold',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (tenant, user, valid_from, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts loaded by the user: users'
