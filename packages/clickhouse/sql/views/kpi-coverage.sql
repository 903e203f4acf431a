-- Which (provider, model, meter) has usage without a price, since when, and how much?
CREATE OR REPLACE VIEW {{db}}.kpi_coverage {{on_cluster}} AS
WITH
  {{range}},
  names AS (SELECT sku, any(provider) AS provider, any(model) AS model, any(tier) AS tier FROM {{all:skus}} GROUP BY sku),
  counted AS (SELECT {{counters}} FROM {{all:tenant_counters}} WHERE {{in_range}}),
  uncovered AS (
    SELECT sku, vector, usage_bits, price_slot, sum(charges) AS slot_charges, sumMap({{meter_map}}) AS meters
    FROM (SELECT * FROM {{priced:counted}} WHERE unpriced) GROUP BY sku, vector, usage_bits, price_slot HAVING slot_charges > 0
  ),
  lines AS (
    SELECT sku, slot_charges, price_slot, meters,
      if(usage_bits >= 1073741824, [if(bitTest(usage_bits, 30), '(invalid usage)', '(usage not reported)')],
        arrayFilter((name, bit) -> bitTest(usage_bits, bit) AND isNull(dictGetOrDefault('{{db}}.meter_prices', 'f9', cityHash64(vector, name), NULL)), [{{meter_list}}], range(length([{{meter_list}}])))) AS without_price
    FROM uncovered
  ),
  shown AS (
    SELECT if({by:String} = 'all', '', toString(names.provider)) AS provider, if({by:String} = 'all', '', toString(names.model)) AS model,
      if({by:String} = 'meter', toString(names.tier), '') AS tier, arrayJoin(if({by:String} = 'meter', without_price, [toString(throwIf({by:String} NOT IN ('meter', 'model', 'all'), 'by: want meter, model or all') = 1)])) AS line,
      if({by:String} = 'meter', line, '') AS meter, slot_charges, price_slot, if({by:String} = 'meter', meters[line], 0) AS quantity
    FROM lines LEFT JOIN names ON lines.sku = names.sku
  )
SELECT provider, model, tier, meter, toInt64(sum(quantity)) AS tokens, toUInt64(sum(slot_charges)) AS unpriced_calls,
  minOrNull(price_slot) AS first_seen, maxOrNull(price_slot) AS last_seen
FROM shown
GROUP BY provider, model, tier, meter
ORDER BY unpriced_calls DESC, provider, model, tier, meter
