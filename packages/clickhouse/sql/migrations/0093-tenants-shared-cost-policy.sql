-- Who carries the cost of calls without a single user.
ALTER TABLE {{db}}.tenants {{on_cluster}}
  ADD COLUMN IF NOT EXISTS shared_cost_policy LowCardinality(String) DEFAULT 'account' COMMENT 'Account-level cost of the tenant: account (stays with the account) or even_split (evenly over the members that were active in the period)' AFTER admin_contact
