-- KPI 4, per tier: how many subjects are over their caps now, and how many will be by the end of the month?
CREATE OR REPLACE VIEW {{db}}.kpi_tier_summary {{on_cluster}} AS
WITH
  {{month}},
{{part:utilization}},
  figures AS (
    SELECT {{by:all tier}} AS key, count() AS subjects, countIf(used >= soft) AS over_soft, countIf(used >= hard) AS over_hard,
      countIf(projected >= hard) AS projected_over,
      -- At the pace of the month: what is used by 7 days from as_of.
      countIf(used < hard AND used > 0 AND used * (1 + 604800 / (toUnixTimestamp(as_of_or_now) - toUnixTimestamp(month_from))) >= hard) AS projected_7d,
      minIf(hard / projected, used > 0 AND projected >= hard) AS first_cap_part,
      quantilesExactIf(0.5, 0.9, 0.99)(used / hard, hard > 0) AS percentiles, quantileExactIf(0.9)(projected / hard, hard > 0) AS projected_percentile,
      countIf(hard > 0) AS with_cap, sum(subject_charges) AS charges, sum(subject_unpriced) AS unpriced_calls, quantileExact(0.5)(projected) AS usual
    FROM capped GROUP BY key
  ),
  shown AS (
    SELECT *, if(with_cap = 0, NULL, assumeNotNull(projected_percentile)) AS projected_p90, ceil(3 * usual / 1000) * 1000 AS recommended_hard
    FROM figures
  )
SELECT key AS tier, toUInt64(subjects) AS subjects, toUInt64(over_soft) AS over_soft, toUInt64(over_hard) AS over_hard,
  toUInt64(projected_over) AS projected_over, toUInt64(projected_7d) AS projected_7d,
  if(projected_over = 0, NULL, toDate(month_from + toIntervalSecond(toUInt64(assumeNotNull(first_cap_part) * (toUnixTimestamp(addMonths(month_from, 1)) - toUnixTimestamp(month_from)))))) AS first_cap_date,
  if(with_cap = 0, NULL, percentiles[1]) AS p50, if(with_cap = 0, NULL, percentiles[2]) AS p90, if(with_cap = 0, NULL, percentiles[3]) AS p99,
  projected_p90, {{band:utilization:projected_p90}} AS projected_p90_band,
  recommended_hard, ceil(recommended_hard * 7 / 10 / 1000) * 1000 AS recommended_soft,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM shown
ORDER BY tier
