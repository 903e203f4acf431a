-- Facts: tiers with their caps and the one overage pattern each.
CREATE TABLE IF NOT EXISTS {{db}}.tiers {{on_cluster}} (
  tier LowCardinality(String) COMMENT 'Plan',
  scope LowCardinality(String) COMMENT 'Whose budget: user or workspace',
  cap_basis LowCardinality(String) COMMENT 'absolute, per_seat (hard cap times seats), or pool (the contracted pool of the tenant)',
  soft_cap_tokens Nullable(UInt64) COMMENT 'Soft cap in effective tokens per month; NULL = soft_cap_share of the hard cap',
  soft_cap_share Float64 COMMENT 'Soft cap as a share of the hard cap where soft_cap_tokens is NULL',
  hard_cap_tokens Nullable(UInt64) COMMENT 'Hard cap in effective tokens per month (per seat where cap_basis = per_seat); NULL for pool',
  pattern LowCardinality(String) COMMENT 'Overage pattern: hard_cap, soft_cap or payg',
  valid_from DateTime('UTC') COMMENT 'When the fact starts to hold',
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was loaded'
)
ENGINE = {{engine_everywhere:MergeTree}}
ORDER BY (tier, valid_from, loaded_at)
SETTINGS {{table_settings}}
COMMENT 'Facts: tiers, caps and overage patterns'
