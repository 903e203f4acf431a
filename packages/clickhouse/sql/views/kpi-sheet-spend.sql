-- What was spent on each price? One row per sku and meter: the money that a doubt about a price is about.
CREATE OR REPLACE VIEW {{db}}.kpi_sheet_spend {{on_cluster}} AS
WITH
  {{range}},
  names AS (
    SELECT sku, any(provider) AS provider, any(model) AS model, any(region) AS region, any(tier) AS tier, any(prompt_band) AS prompt_band
    FROM {{all:skus}} GROUP BY sku
  ),
  counted AS (SELECT {{counters}} FROM {{all:tenant_counters}} WHERE {{in_range}}),
  summed AS (SELECT sku, vector, {{summed_meters}} FROM {{priced:counted}} GROUP BY sku, vector),
  grouped AS (SELECT sku, vector, {{meter_map}} AS meters FROM summed),
  per_meter AS (
    SELECT sku, meter, sum(quantity) AS net_quantity, sumIf(quantity, isNull({{price_of_meter:}})) AS net_unpriced, sum(toInt128(quantity) * ifNull({{price_of_meter:}}, 0)) AS femto9
    FROM grouped ARRAY JOIN mapKeys(meters) AS meter, mapValues(meters) AS quantity
    WHERE quantity != 0
    GROUP BY sku, meter
  )
SELECT CAST(names.provider AS String) AS provider, CAST(names.model AS String) AS model,
  CAST(names.region AS String) AS region, CAST(names.tier AS String) AS tier, names.prompt_band AS prompt_band, meter,
  toInt64(net_quantity) AS quantity, toInt64(net_unpriced) AS unpriced_quantity,
  if(net_quantity = net_unpriced, NULL, {{usd:femto9}}) AS spend_usd
FROM per_meter LEFT JOIN names USING (sku)
ORDER BY spend_usd DESC NULLS LAST, provider, model, region, tier, prompt_band, meter
