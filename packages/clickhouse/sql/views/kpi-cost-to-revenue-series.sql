-- KPI 8: how does cost to revenue move from month to month?
CREATE OR REPLACE VIEW {{db}}.kpi_cost_to_revenue_series {{on_cluster}} AS
WITH
  least({to_time:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toDate(toStartOfMonth({from_time:DateTime('UTC')})) AS first_month,
{{part:revenue-months}}
SELECT month, toString(key) AS key, if(charges > 0 AND unpriced_calls = charges, NULL, {{usd:cost}}) AS cost_usd,
  if(isNull(revenue_sum), NULL, reinterpret(assumeNotNull(revenue_sum), 'Decimal(38, 15)')) AS revenue_usd,
  ratio, 1 - ratio AS gross_margin,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM keyed
ORDER BY month, key
