-- Facts: tenants. The row with the latest valid_from at a time holds; of equal ones the one loaded last.
CREATE TABLE IF NOT EXISTS {{db}}.tenants {{on_cluster}} (
  tenant LowCardinality(String) COMMENT 'Tenant id as in outlay.tenant.id',
  name String COMMENT 'Display name',
  tier LowCardinality(String) COMMENT 'Plan',
  seats UInt32 COMMENT 'Paid seats',
  pool_tokens Nullable(UInt64) COMMENT 'Contracted pool in effective tokens per month',
  arr_usd Nullable(Decimal(38, 15)) COMMENT 'Annual recurring revenue in USD',
  renewal_date Nullable(Date) COMMENT 'Contract renewal',
  admin_contact String COMMENT 'Workspace-admin contact',
  valid_from DateTime('UTC') COMMENT 'When the fact starts to hold',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (tenant, valid_from, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts loaded by the user: tenants'
