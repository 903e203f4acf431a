-- Feeds KPI 1 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.task_counters_mv {{on_cluster}} TO {{db}}.task_counters AS
SELECT tenant, feature, route, workload, task_type, task, session,
  if(attempt > 1, 'retry', 'first') AS attempt_class, environment, sku, price_slot, usage_bits,
  sum(sign * (part = 'main')) AS calls,
  sum(sign * (part = 'main' AND outcome = 'success')) AS successes,
  min(time) AS first_time, max(time) AS last_time, max(input_total) AS input_max,
{{signed_meters}}
FROM {{db}}.calls
GROUP BY tenant, feature, route, workload, task_type, task, session, attempt_class, environment, sku, price_slot, usage_bits
