-- KPI 8: what part of the revenue does the model cost eat, in the month of as_of so far?
-- Revenue is pro rata to the part of the month that has passed. Cost of scopes without revenue is left out of the ratio and counted.
CREATE OR REPLACE VIEW {{db}}.kpi_cost_to_revenue {{on_cluster}} AS
WITH
  {{month}},
  toDate(addMonths(month_from, -1)) AS first_month,
{{part:revenue-months}},
  shown AS (
    SELECT *, sumIf(assumeNotNull(ratio), month < toDate(month_from) AND isNotNull(ratio)) OVER (PARTITION BY key) AS sum_before,
      countIf(month < toDate(month_from) AND isNotNull(ratio)) OVER (PARTITION BY key) > 0 AS has_before
    FROM keyed
  )
SELECT toString(key) AS key, if(charges > 0 AND unpriced_calls = charges, NULL, {{usd:cost}}) AS cost_usd,
  if(isNull(revenue_sum), NULL, reinterpret(assumeNotNull(revenue_sum), 'Decimal(38, 15)')) AS revenue_usd,
  if(isNull(month_revenue_sum), NULL, reinterpret(assumeNotNull(month_revenue_sum), 'Decimal(38, 15)')) AS revenue_month_usd,
  ratio, {{band:cost_to_revenue:ratio}} AS band, 1 - ratio AS gross_margin, if(has_before, ratio - sum_before, NULL) AS trend, toUInt64(unfunded) AS unfunded_scopes,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM shown
WHERE month = toDate(month_from)
ORDER BY ratio DESC NULLS LAST, key
