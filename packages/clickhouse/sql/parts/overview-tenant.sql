-- KPI 3 on the overview: what kpi_tenant_cost says of all tenants, without their users and pools.
WITH
  {{month}},
  as_of_or_now - INTERVAL 30 DAY AS days_from,
{{part:tenant-month}},
  figures AS (
    SELECT sum(month_charges) AS charges, sum(month_unpriced) AS unpriced_calls, sum(month_cost) AS cost, {{part:cost-to-arr}} AS cost_to_arr FROM joined
  )
SELECT if(charges = 0 OR unpriced_calls = charges, NULL, {{usd:cost}}) AS month_usd, {{band:cost_to_arr:cost_to_arr}} AS cost_to_arr_band,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM figures
