-- What will the traces cost that are still open, on top of the ledger, if nothing more of them arrives?
CREATE OR REPLACE VIEW {{db}}.kpi_open_spend {{on_cluster}} AS
WITH
  evaluated AS (
    SELECT authority, trace_id, evaluated_at, opened_at FROM {{all:open_traces}} FINAL
    WHERE entries > 0 AND evaluated_at > now64(3, 'UTC') - INTERVAL 1 HOUR
  ),
  entries AS (
    SELECT multiIf({by:String} = 'all', 'all', {by:String} = 'tenant', toString(tenant), {by:String} = 'user', user, {by:String} = 'feature', toString(feature), {by:String} = 'task', task, toString(throwIf(1, 'by: want all, tenant, user, feature or task'))) AS key,
      evaluated.opened_at AS opened, open_entries.*
    FROM {{all:open_entries}} AS open_entries INNER JOIN evaluated USING (authority, trace_id, evaluated_at)
    WHERE has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant)
  ),
  grouped AS (
    SELECT key, tenant, sku, price_slot, usage_bits, min(opened) AS opened_at,
{{signed_counters_of_open}}
    FROM entries
    GROUP BY key, tenant, sku, price_slot, usage_bits
  )
SELECT toString(key) AS key, toInt64(sum(priced.calls)) AS calls, toInt64(sumIf(priced.charges, unpriced)) AS unpriced_calls,
  toInt64(sum(priced.input_tokens)) AS input_tokens, toInt64(sum(priced.output_tokens)) AS output_tokens,
  if(sum(priced.charges) != 0 AND unpriced_calls = sum(priced.charges), NULL, {{usd:sum(femto9)}}) AS spend_usd, min(opened_at) AS open_since
FROM {{priced:grouped}} AS priced
GROUP BY key
