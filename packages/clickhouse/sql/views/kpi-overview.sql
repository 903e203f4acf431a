-- The eight KPIs on one screen: headline figure, verdict, lever. Calendar figures are as of to_time.
-- Every source is read once and aggregated to one row, so that a KPI without data still has its line.
CREATE OR REPLACE VIEW {{db}}.kpi_overview {{on_cluster}} AS
WITH
  {{range}}
SELECT toUInt64(kpi) AS kpi, name, title, headline, CAST(exact AS Nullable(Decimal(38, 15))) AS headline_usd, unit, meaning, if(verdict = '', 'none', verdict) AS band, band_of, lever, unpriced_calls, share AS priced_share
FROM (
  SELECT 1 AS kpi, 'task_cost' AS name, 'Per-task cost' AS title, 'usd' AS unit, 'cost per task, median' AS meaning, 'effective tokens per task, worst workload' AS band_of, 'routing, tool-call caps, chunk size' AS lever,
    max(toFloat64(cost_per_task_p50)) AS headline, max(cost_per_task_p50) AS exact, max(worst_band) AS verdict, max(unpriced_calls) AS unpriced_calls, max(priced_share) AS share
  FROM {{whole:overview-task}}
  UNION ALL
  SELECT 2 AS kpi, 'user_cost' AS name, 'Per-user cost' AS title, 'usd' AS unit, 'median user, month to date' AS meaning, 'seat cost ratio' AS band_of, 'soft caps, outreach to power users' AS lever,
    max(toFloat64(median_user_usd)) AS headline, max(median_user_usd) AS exact, max(seat_ratio_band) AS verdict, max(unpriced_calls) AS unpriced_calls, max(priced_share) AS share
  FROM {{whole:overview-user}}
  UNION ALL
  SELECT 3 AS kpi, 'tenant_cost' AS name, 'Per-tenant cost' AS title, 'usd' AS unit, 'all tenants, month to date' AS meaning, 'cost to ARR' AS band_of, 'renewal, pool size' AS lever,
    max(toFloat64(month_usd)) AS headline, max(month_usd) AS exact, max(cost_to_arr_band) AS verdict, max(unpriced_calls) AS unpriced_calls, max(priced_share) AS share
  FROM {{whole:overview-tenant}}
  UNION ALL
  SELECT 4 AS kpi, 'tier_utilization' AS name, 'Tier-budget utilization' AS title, 'ratio' AS unit, 'projected use of the cap at month end, 90th percentile of subjects' AS meaning, 'projected utilization' AS band_of, 'tier caps' AS lever,
    max(projected_p90) AS headline, CAST(NULL AS Nullable(Decimal(38, 15))) AS exact, max(projected_p90_band) AS verdict, max(unpriced_calls) AS unpriced_calls, max(priced_share) AS share
  FROM {{whole:kpi-tier-summary all}}
  UNION ALL
  SELECT 5 AS kpi, 'overage_rate' AS name, 'Overage rate by tier' AS title, 'ratio' AS unit, 'free users at their hard cap this month' AS meaning, 'hard-cap activation' AS band_of, 'caps too tight or too generous' AS lever,
    max(free_rate) AS headline, CAST(NULL AS Nullable(Decimal(38, 15))) AS exact, max(free_rate_band) AS verdict, max(unpriced_calls) AS unpriced_calls, max(priced_share) AS share
  FROM {{whole:overview-overage all}}
  UNION ALL
  SELECT 6 AS kpi, 'degradation_rate' AS name, 'Soft-cap degradation' AS title, 'ratio' AS unit, 'soft-capped calls served by the budget model this month' AS meaning, 'degraded share of calls' AS band_of, 'soft threshold' AS lever,
    maxOrNull(calls_rate) AS headline, CAST(NULL AS Nullable(Decimal(38, 15))) AS exact, max(band) AS verdict, max(unpriced_calls) AS unpriced_calls, maxOrNull(priced_share) AS share
  FROM {{whole:kpi-degradation-rate all}}
  UNION ALL
  SELECT 7 AS kpi, 'feature_concentration' AS name, 'Top-feature concentration' AS title, 'ratio' AS unit, 'share of cost of the top three features' AS meaning, 'no band' AS band_of, 'five-minute answer of the top feature' AS lever,
    max(top3) AS headline, CAST(NULL AS Nullable(Decimal(38, 15))) AS exact, 'none' AS verdict, max(unpriced_calls) AS unpriced_calls, max(priced_share) AS share
  FROM {{whole:kpi-feature-totals}}
  UNION ALL
  SELECT 8 AS kpi, 'cost_to_revenue' AS name, 'Cost to revenue' AS title, 'ratio' AS unit, 'model cost of funded tenants ÷ their revenue, month to date' AS meaning, 'cost ÷ revenue' AS band_of, 'pricing, routing' AS lever,
    max(ratio) AS headline, CAST(NULL AS Nullable(Decimal(38, 15))) AS exact, max(band) AS verdict, max(unpriced_calls) AS unpriced_calls, max(priced_share) AS share
  FROM {{whole:overview-revenue all}}
)
ORDER BY kpi
