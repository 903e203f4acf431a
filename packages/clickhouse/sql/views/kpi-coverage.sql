-- Which (provider, model, meter) has usage without a price, since when, and how much?
CREATE OR REPLACE VIEW {{db}}.kpi_coverage {{on_cluster}} AS
WITH
  names AS (SELECT sku, any(provider) AS provider, any(model) AS model, any(tier) AS tier FROM {{db}}.skus GROUP BY sku),
  slots AS (
    SELECT sku, {{price_key}} AS price_key, price_slot, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.tenant_counters
    WHERE price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
    GROUP BY sku, price_key, price_slot, usage_bits
  ),
  grouped AS (
    SELECT sku, price_key, {{price_window}} AS price_window, usage_bits,
      minIf(price_slot, slots.calls > 0) AS first_slot, maxIf(price_slot, slots.calls > 0) AS last_slot, sum(slots.calls) AS calls, {{sum_meters}}
    FROM slots
    GROUP BY sku, price_key, price_window, usage_bits
    HAVING calls > 0
  ),
  unpriced_groups AS (
    SELECT *, arrayFilter((meter, quantity, price) -> quantity != 0 AND isNull(price), [{{meter_list}}], quantities, unit_prices) AS unpriced_meters
    FROM {{priced:grouped}}
    -- A condition on group keys alone would be moved below the grouping, and prices looked up for every row.
    WHERE if(calls > 0, unpriced, 0)
  )
SELECT toString(names.provider) AS provider, toString(names.model) AS model, toString(names.tier) AS tier,
  if(usage_bits >= 1073741824, if(bitTest(usage_bits, 30), '(invalid usage)', '(usage not reported)'), meter) AS meter,
  sum(quantities[indexOf([{{meter_list}}], meter)]) AS tokens, toUInt64(sum(unpriced_groups.calls)) AS unpriced_calls,
  min(first_slot) AS first_seen, max(last_slot) AS last_seen
FROM unpriced_groups ARRAY JOIN if(empty(unpriced_meters), [''], unpriced_meters) AS meter LEFT JOIN names USING (sku)
GROUP BY provider, model, tier, meter
