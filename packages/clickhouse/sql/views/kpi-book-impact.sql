-- What would the same calls cost under another book? One row per tenant, model and meter whose cost differs, or that one
-- of the books has no price for: what is unknown is no saving.
CREATE OR REPLACE VIEW {{db}}.kpi_book_impact {{on_cluster}} AS
WITH
  {{range}},
  names AS (SELECT sku, any(provider) AS provider, any(model) AS model FROM {{all:skus}} GROUP BY sku),
  counted AS (SELECT {{counters}} FROM {{all:tenant_counters}} WHERE {{in_range}} AND {{filters:tenants}}),
  summed AS (
    SELECT tenant, sku, vector, other_vector, {{summed_meters}} FROM {{vectors_of_books:counted}} GROUP BY tenant, sku, vector, other_vector
  ),
  grouped AS (SELECT tenant, sku, vector, other_vector, {{meter_map}} AS meters FROM summed),
  quantities AS (
    SELECT tenant, sku, meter, quantity, {{price_of_meter:}} AS price, {{price_of_meter:other_}} AS other_price
    FROM grouped ARRAY JOIN mapKeys(meters) AS meter, mapValues(meters) AS quantity
    WHERE quantity != 0
  ),
  per_meter AS (
    SELECT tenant, sku, meter, sum(quantity) AS net_quantity, sumIf(quantity, isNull(price)) AS without_before, sumIf(quantity, isNull(other_price)) AS without_after,
      countIf(isNull(price) != isNull(other_price)) AS one_sided,
      sum(toInt128(quantity) * ifNull(price, 0)) AS femto9_before, sum(toInt128(quantity) * ifNull(other_price, 0)) AS femto9_after
    FROM quantities GROUP BY tenant, sku, meter
  ),
  summed_up AS (
    SELECT CAST(tenant AS String) AS tenant, CAST(names.provider AS String) AS provider, CAST(names.model AS String) AS model, meter,
      sum(net_quantity) AS quantity, sum(without_before) AS unpriced_before, sum(without_after) AS unpriced_after, sum(one_sided) > 0 AS is_one_sided,
      sum(femto9_before) AS cost_before, sum(femto9_after) AS cost_after
    FROM per_meter LEFT JOIN names USING (sku)
    GROUP BY tenant, provider, model, meter
    HAVING cost_before != cost_after OR is_one_sided
  )
SELECT tenant, provider, model, meter, toInt64(quantity) AS quantity,
  if(unpriced_before = quantity, NULL, {{usd:cost_before}}) AS before_usd, if(unpriced_after = quantity, NULL, {{usd:cost_after}}) AS after_usd,
  if(is_one_sided, NULL, {{usd:cost_after - cost_before}}) AS change_usd,
  toInt64(unpriced_before) AS unpriced_before, toInt64(unpriced_after) AS unpriced_after
FROM summed_up
ORDER BY is_one_sided DESC, abs(cost_after - cost_before) DESC, tenant, provider, model, meter
