-- Budgets in money beside the caps in tokens. At most one of the two columns is set.
ALTER TABLE {{db}}.tiers {{on_cluster}}
  ADD COLUMN IF NOT EXISTS max_cost_usd Nullable(Decimal(38, 15)) COMMENT 'Budget in money per subject and month, in USD, beside the cap in tokens; NULL = none' AFTER pattern,
  ADD COLUMN IF NOT EXISTS target_margin Nullable(Float64) COMMENT 'Where set, the money budget of a user is seat price × (1 − target margin); from 0 to below 1' AFTER max_cost_usd
