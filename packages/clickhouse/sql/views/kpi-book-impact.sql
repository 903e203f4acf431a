-- What would the same calls cost under another book? One row per tenant, model and meter whose cost differs.
CREATE OR REPLACE VIEW {{db}}.kpi_book_impact {{on_cluster}} AS
WITH
  names AS (SELECT sku, any(provider) AS provider, any(model) AS model FROM {{db}}.skus GROUP BY sku),
  grouped AS (
    SELECT tenant, sku, {{price_key}} AS price_key, {{other_price_key}} AS other_price_key, {{price_window}} AS price_window, {{other_price_window}} AS other_price_window, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.tenant_counters
    WHERE price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
    GROUP BY tenant, sku, price_key, other_price_key, price_window, other_price_window, usage_bits
  ),
  before AS (SELECT * FROM {{priced:grouped}}),
  both AS (SELECT * FROM {{priced_under_other_book:before}}),
  per_meter AS (
    SELECT tenant, sku, meter, sum({{meter_femto9:}}) AS femto9_before, sum({{meter_femto9:other_}}) AS femto9_after, sum(quantities[position]) AS quantity
    FROM both ARRAY JOIN [{{meter_list}}] AS meter, arrayEnumerate([{{meter_list}}]) AS position
    WHERE quantities[position] != 0
    GROUP BY tenant, sku, meter
  )
SELECT CAST(tenant AS String) AS tenant, CAST(names.provider AS String) AS provider, CAST(names.model AS String) AS model, meter,
  toUInt64(sum(per_meter.quantity)) AS quantity,
  {{usd:sum(femto9_before)}} AS before_usd, {{usd:sum(femto9_after)}} AS after_usd,
  {{usd:sum(femto9_after) - sum(femto9_before)}} AS change_usd
FROM per_meter LEFT JOIN names USING (sku)
GROUP BY tenant, provider, model, meter
HAVING sum(femto9_before) != sum(femto9_after)
ORDER BY abs(change_usd) DESC, tenant, provider, model, meter
