-- What would the same calls cost under another book? One row per tenant, model and meter whose cost differs.
CREATE OR REPLACE VIEW {{db}}.kpi_book_impact {{on_cluster}} AS
WITH
  {{range}},
  names AS (SELECT sku, any(provider) AS provider, any(model) AS model FROM {{db}}.skus GROUP BY sku),
  counted AS (SELECT {{counters}} FROM {{db}}.tenant_counters WHERE {{in_range}} AND {{filters:tenants}}),
  before AS (SELECT * FROM {{priced:counted}}),
  summed AS (
    SELECT tenant, sku, vector, other_vector, {{summed_meters}} FROM {{priced_under_other_book:before}} GROUP BY tenant, sku, vector, other_vector
  ),
  grouped AS (SELECT tenant, sku, vector, other_vector, {{meter_map}} AS meters FROM summed),
  per_meter AS (
    SELECT tenant, sku, meter, sum(quantity) AS net_quantity,
      sum(toInt128(quantity) * ifNull({{price_of_meter:}}, 0)) AS femto9_before, sum(toInt128(quantity) * ifNull({{price_of_meter:other_}}, 0)) AS femto9_after
    FROM grouped ARRAY JOIN mapKeys(meters) AS meter, mapValues(meters) AS quantity
    WHERE quantity != 0
    GROUP BY tenant, sku, meter
  )
SELECT CAST(tenant AS String) AS tenant, CAST(names.provider AS String) AS provider, CAST(names.model AS String) AS model, meter,
  toUInt64(sum(net_quantity)) AS quantity,
  {{usd:sum(femto9_before)}} AS before_usd, {{usd:sum(femto9_after)}} AS after_usd,
  {{usd:sum(femto9_after) - sum(femto9_before)}} AS change_usd
FROM per_meter LEFT JOIN names USING (sku)
GROUP BY tenant, provider, model, meter
HAVING sum(femto9_before) != sum(femto9_after)
ORDER BY abs(change_usd) DESC, tenant, provider, model, meter
