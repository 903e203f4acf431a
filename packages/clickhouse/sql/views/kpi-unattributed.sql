-- What share of calls and cost lacks a required attribute and was quarantined, by attribute or service?
CREATE OR REPLACE VIEW {{db}}.kpi_unattributed {{on_cluster}} AS
WITH
  {{range}},
  taken AS (SELECT {{counters}} FROM {{all:tenant_counters}} WHERE {{in_range}}),
  accepted AS (SELECT sum(calls) AS accepted_calls, sum(femto9) AS accepted_cost FROM {{priced_groups:taken}}),
  -- No tenant chooses a book for them: they are priced by the list.
  refused AS (
    SELECT multiIf({by:String} = 'all', ['all'], {by:String} = 'attribute', arrayMap(name -> toString(name), missing), {by:String} = 'service', [toString(service)], [toString(throwIf(1, 'by: want all, attribute or service'))]) AS keys,
      '' AS tenant, sku, price_slot, usage_bits, toInt64(sign * (part = 'main')) AS calls, toInt64(sign) AS charges, toInt64(0) AS input, toInt64(0) AS cache_read, toInt64(0) AS cache_write_5m, toInt64(0) AS cache_write_1h, toInt64(0) AS output, toInt64(0) AS output_reasoning,
      mapApply((meter, quantity) -> (toString(meter), toInt64(sign * toInt64(quantity))), meters) AS rare
    FROM {{all:quarantine}} WHERE reason = 'missing_attribution' AND {{in_range}}
  ),
  priced_refused AS (SELECT keys, calls, charges, unpriced, femto9 FROM {{priced:refused}}),
  all_refused AS (SELECT sum(calls) AS refused_calls, sum(femto9) AS refused_cost FROM priced_refused),
  keyed AS (
    SELECT key, sum(calls) AS key_calls, sum(charges) AS key_charges, sumIf(charges, unpriced) AS key_unpriced, sum(femto9) AS key_cost
    FROM priced_refused ARRAY JOIN keys AS key GROUP BY key HAVING key_charges > 0
  ),
  shown AS (SELECT *, if(accepted_calls + refused_calls > 0, key_calls / (accepted_calls + refused_calls), NULL) AS calls_share FROM keyed CROSS JOIN accepted CROSS JOIN all_refused)
SELECT key, toUInt64(key_calls) AS calls, calls_share, {{band:unattributed:calls_share}} AS band,
  if(key_unpriced = key_charges, NULL, {{usd:key_cost}}) AS cost_usd,
  if(accepted_cost + refused_cost > 0, toFloat64(key_cost) / toFloat64(accepted_cost + refused_cost), NULL) AS cost_share, toUInt64(key_unpriced) AS unpriced_calls
FROM shown
ORDER BY calls DESC, key
