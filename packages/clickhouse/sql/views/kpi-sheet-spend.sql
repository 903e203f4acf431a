-- What was spent on each price? One row per sku and meter: the money that a doubt about a price is about.
CREATE OR REPLACE VIEW {{db}}.kpi_sheet_spend {{on_cluster}} AS
WITH
  names AS (
    SELECT sku, any(provider) AS provider, any(model) AS model, any(region) AS region, any(tier) AS tier, any(prompt_band) AS prompt_band
    FROM {{db}}.skus GROUP BY sku
  ),
  grouped AS (
    SELECT sku, {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.tenant_counters
    WHERE price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
    GROUP BY sku, price_key, price_window, usage_bits
  ),
  per_meter AS (
    SELECT sku, meter, sum(quantities[position]) AS quantity,
      sumIf(quantities[position], isNull(unit_prices[position])) AS unpriced_quantity, sum({{meter_femto9:}}) AS femto9
    FROM {{priced:grouped}} ARRAY JOIN [{{meter_list}}] AS meter, arrayEnumerate([{{meter_list}}]) AS position
    WHERE quantities[position] != 0
    GROUP BY sku, meter
  )
SELECT CAST(names.provider AS String) AS provider, CAST(names.model AS String) AS model,
  CAST(names.region AS String) AS region, CAST(names.tier AS String) AS tier, names.prompt_band AS prompt_band, meter,
  toInt64(per_meter.quantity) AS quantity, toInt64(per_meter.unpriced_quantity) AS unpriced_quantity,
  if(per_meter.quantity = per_meter.unpriced_quantity, NULL, {{usd:femto9}}) AS spend_usd
FROM per_meter LEFT JOIN names USING (sku)
ORDER BY spend_usd DESC NULLS LAST, provider, model, region, tier, prompt_band, meter
