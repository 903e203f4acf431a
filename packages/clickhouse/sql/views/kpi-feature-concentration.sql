-- KPI 7: which features carry the cost, next to their share of usage events (user-visible tasks)?
CREATE OR REPLACE VIEW {{db}}.kpi_feature_concentration {{on_cluster}} AS
WITH
  grouped AS (
    SELECT multiIf({by:String} = 'feature', toString(feature), {by:String} = 'route', toString(route), {by:String} = 'tenant', toString(tenant), {by:String} = 'prompt_version', toString(prompt_version), throwIf(1, 'by: want feature, route, prompt_version or tenant') = 0, '', '') AS key,
      {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.feature_counters
    WHERE price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({features:Array(String)}, '*') OR has({features:Array(String)}, feature))
      AND (has({workloads:Array(String)}, '*') OR has({workloads:Array(String)}, workload))
      AND (has({environments:Array(String)}, '*') OR has({environments:Array(String)}, environment))
    GROUP BY key, price_key, price_window, usage_bits
  ),
  priced AS (SELECT * FROM {{priced:grouped}}),
  costs AS (
    SELECT key, sum(priced.calls) AS calls, sumIf(priced.calls, unpriced) AS unpriced_calls, sum(femto9) AS cost
    FROM priced GROUP BY key HAVING calls > 0
  ),
  events AS (
    SELECT key, count() AS usage_events FROM (
      SELECT multiIf({by:String} = 'feature', toString(feature), {by:String} = 'route', toString(route), toString(tenant)) AS key, tenant, task
      FROM {{db}}.task_counters
      WHERE {by:String} != 'prompt_version'
        AND price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
        AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
        AND (has({features:Array(String)}, '*') OR has({features:Array(String)}, feature))
        AND (has({workloads:Array(String)}, '*') OR has({workloads:Array(String)}, workload))
        AND (has({environments:Array(String)}, '*') OR has({environments:Array(String)}, environment))
      GROUP BY key, tenant, task HAVING sum(calls) > 0
    ) GROUP BY key
  )
SELECT key, if(unpriced_calls = calls, NULL, {{usd:cost}}) AS cost_usd,
  if(sum(cost) OVER () <= 0, NULL, toFloat64(cost) / toFloat64(sum(cost) OVER ())) AS cost_share,
  if({by:String} = 'prompt_version', NULL, toUInt64(events.usage_events)) AS usage_events,
  if(sum(events.usage_events) OVER () = 0, NULL, events.usage_events / sum(events.usage_events) OVER ()) AS usage_share,
  if(events.usage_events = 0 OR unpriced_calls > 0, NULL, {{usd:intDiv(cost, greatest(events.usage_events, 1))}}) AS cost_per_event,
  toUInt64(calls) AS calls, toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / calls AS priced_share
FROM costs LEFT JOIN events USING (key)
