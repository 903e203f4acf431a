-- Feeds KPI 1 from the ledger.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{db}}.task_counters_mv {{on_cluster}} TO {{db}}.task_counters AS
SELECT tenant, feature, route, workload, task_type, task, session, turn, if(attempt > 1, 'retry', 'first') AS attempt_class, environment, price_model AS model, sku, price_slot, usage_bits,
  any(cityHash64(toString(tenant), task)) AS task_key,
  any(if(session = '', 0, cityHash64(toString(tenant), session))) AS session_key,
  any(cityHash64(toString(tenant), task, turn)) AS turn_key,
  sum(sign * (part = 'main' AND outcome = 'success')) AS successes,
  min(time) AS first_time,
  max(time) AS last_time,
  max(input_total) AS input_max,
  sum(sign * layer_prompt) AS prompt_layer,
  sum(sign * layer_tool) AS tool_layer,
  sum(sign * layer_memory) AS memory_layer,
{{signed_counters}}
FROM {{db}}.calls
GROUP BY tenant, feature, route, workload, task_type, task, session, turn, attempt_class, environment, model, sku, price_slot, usage_bits
COMMENT 'Feeds task_counters (KPI 1) from calls: charges add, reversals subtract'
