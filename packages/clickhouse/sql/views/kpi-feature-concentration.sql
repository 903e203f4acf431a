-- KPI 7: which features carry the cost, next to their share of usage events (user-visible tasks)?
CREATE OR REPLACE VIEW {{db}}.kpi_feature_concentration {{on_cluster}} AS
WITH
  {{range}},
  to_or_now - INTERVAL 7 DAY AS week_from,
  to_or_now - INTERVAL 14 DAY AS week_before_from,
  counted AS (
    SELECT {{by:feature route prompt_version tenant model}} AS key, price_slot >= from_slot AS in_range, price_slot >= week_from AS in_week, price_slot >= week_before_from AND NOT in_week AS in_week_before, {{counters}}
    FROM {{all:feature_counters}}
    WHERE price_slot >= least(from_slot, week_before_from) AND price_slot < {to_time:DateTime('UTC')} AND {{filters:tenants features workloads models environments}}
  ),
  costs AS (
    SELECT key, sumIf(calls, in_range) AS net_calls, sumIf(charges, in_range) AS net_charges, sumIf(charges, unpriced AND in_range) AS net_unpriced,
      sumIf(femto9, in_range) AS cost,
      sumIf(femto9, in_week) AS week_cost, sumIf(femto9, in_week_before) AS week_before_cost
    FROM {{priced_groups:counted | key, in_range, in_week, in_week_before}} GROUP BY key
  ),
  events AS (
    SELECT key, count() AS usage_events FROM (
      SELECT {{by:feature route prompt_version tenant model}} AS key, task_key
      FROM (SELECT *, '' AS prompt_version FROM {{all:task_counters}})
      WHERE {by:String} != 'prompt_version' AND {{in_range}} AND {{filters:tenants features workloads models environments}}
      GROUP BY key, task_key HAVING sum(calls) > 0
    ) GROUP BY key
  ),
  shares AS (
    SELECT key, net_calls, net_charges, net_unpriced, cost, usage_events,
      if(sum(week_cost) OVER () > 0 AND sum(week_before_cost) OVER () > 0,
        toFloat64(week_cost) / toFloat64(sum(week_cost) OVER ()) - toFloat64(week_before_cost) / toFloat64(sum(week_before_cost) OVER ()), NULL) AS wow_shift
    FROM costs LEFT JOIN events ON costs.key = events.key
  )
SELECT toString(key) AS key, if(net_unpriced = net_charges, NULL, {{usd:cost}}) AS cost_usd,
  if(sum(cost) OVER () <= 0, NULL, toFloat64(cost) / toFloat64(sum(cost) OVER ())) AS cost_share,
  if({by:String} = 'prompt_version', NULL, toUInt64(usage_events)) AS usage_events,
  if(sum(shares.usage_events) OVER () = 0, NULL, shares.usage_events / sum(shares.usage_events) OVER ()) AS usage_share,
  wow_shift, if(net_unpriced > 0, NULL, {{usd_per:cost | shares.usage_events}}) AS cost_per_event,
  toUInt64(net_calls) AS calls, toUInt64(net_unpriced) AS unpriced_calls, 1 - net_unpriced / net_charges AS priced_share
FROM shares
WHERE net_charges > 0
ORDER BY cost DESC, key
