-- Tenants as they hold at as_of.
  tenant_facts AS (
    SELECT tenant, argMax((tier, seats, pool_tokens, arr_usd, renewal_date, shared_cost_policy), (valid_from, loaded_at)) AS tenant_fact
    FROM {{db}}.tenants WHERE valid_from < as_of_or_now GROUP BY tenant
  )
