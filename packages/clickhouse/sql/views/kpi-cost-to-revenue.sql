-- KPI 8: what part of the revenue does the model cost eat, in the month of as_of so far?
-- Revenue is pro rata to the part of the month that has passed. Cost of scopes without revenue is left out of the ratio and counted.
CREATE OR REPLACE VIEW {{db}}.kpi_cost_to_revenue {{on_cluster}} AS
WITH
  {{month}},
  toDate(addMonths(month_from, -1)) AS first_month,
{{part:revenue-months}},
  shown AS (
    SELECT this.*, before.ratio AS ratio_before
    FROM (SELECT * FROM keyed WHERE month = toDate(month_from)) AS this LEFT JOIN (SELECT * FROM keyed WHERE month < toDate(month_from)) AS before ON this.key = before.key
  )
SELECT toString(key) AS key, if(calls > 0 AND unpriced_calls = calls, NULL, {{usd:cost}}) AS cost_usd,
  if(isNull(revenue_sum), NULL, reinterpret(assumeNotNull(revenue_sum), 'Decimal(38, 15)')) AS revenue_usd,
  if(isNull(month_revenue_sum), NULL, reinterpret(assumeNotNull(month_revenue_sum), 'Decimal(38, 15)')) AS revenue_month_usd,
  ratio, {{band:cost_to_revenue:ratio}} AS band, 1 - ratio AS gross_margin, ratio - ratio_before AS trend, toUInt64(unfunded) AS unfunded_scopes,
  toUInt64(unpriced_calls) AS unpriced_calls, if(calls = 0, NULL, 1 - unpriced_calls / calls) AS priced_share
FROM shown
ORDER BY ratio DESC NULLS LAST, key
