-- KPI 8 on the overview: what kpi_cost_to_revenue says of this month, without the one before.
WITH
  {{month}},
  toDate(month_from) AS first_month,
{{part:revenue-months}}
SELECT ratio, {{band:cost_to_revenue:ratio}} AS band, toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM keyed
