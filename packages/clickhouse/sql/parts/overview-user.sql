-- KPI 2 on the overview: what kpi_user_cost says of the month, without the hours of active users.
WITH
  {{month}},
  as_of_or_now - INTERVAL 30 DAY AS days_from,
{{part:user-month}}
SELECT if(complete = 0, NULL, {{usd:usual}}) AS median_user_usd, {{band:seat_ratio:seat_ratio}} AS seat_ratio_band,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM month
