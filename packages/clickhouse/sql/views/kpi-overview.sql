-- The eight KPIs on one screen: headline figure, verdict, lever. Calendar figures are as of to_time.
CREATE OR REPLACE VIEW {{db}}.kpi_overview {{on_cluster}} AS
WITH
  task AS (SELECT * FROM {{db}}.kpi_task_cost(from_time = {from_time:DateTime('UTC')}, to_time = {to_time:DateTime('UTC')}, by = 'all', tenants = ['*'], features = ['*'], workloads = ['*'], book = {book:String})),
  workloads AS (SELECT * FROM {{db}}.kpi_task_cost(from_time = {from_time:DateTime('UTC')}, to_time = {to_time:DateTime('UTC')}, by = 'workload', tenants = ['*'], features = ['*'], workloads = ['*'], book = {book:String})),
  users AS (SELECT * FROM {{db}}.kpi_user_cost(as_of = {to_time:DateTime('UTC')}, tenants = ['*'], features = ['*'], tiers = ['*'], book = {book:String})),
  tenants AS (SELECT * FROM {{db}}.kpi_tenant_cost(as_of = {to_time:DateTime('UTC')}, by = 'all', tenants = ['*'], features = ['*'], tiers = ['*'], book = {book:String})),
  budgets AS (SELECT * FROM {{db}}.kpi_tier_summary(as_of = {to_time:DateTime('UTC')}, by = 'all', tenants = ['*'], tiers = ['*'], book = {book:String})),
  overage AS (SELECT * FROM {{db}}.kpi_overage_rate(as_of = {to_time:DateTime('UTC')}, by = 'all', tenants = ['*'], tiers = ['*'], book = {book:String})),
  degradation AS (SELECT * FROM {{db}}.kpi_degradation_rate(as_of = {to_time:DateTime('UTC')}, by = 'all', tenants = ['*'], features = ['*'], tiers = ['*'], book = {book:String})),
  features AS (SELECT * FROM {{db}}.kpi_feature_totals(from_time = {from_time:DateTime('UTC')}, to_time = {to_time:DateTime('UTC')}, tenants = ['*'], features = ['*'], workloads = ['*'], environments = ['*'], book = {book:String})),
  revenue AS (SELECT * FROM {{db}}.kpi_cost_to_revenue(as_of = {to_time:DateTime('UTC')}, by = 'all', tenants = ['*'], features = ['*'], tiers = ['*'], environments = ['*'], book = {book:String})),
  ['act', 'warn', 'watch', 'low', 'ok', 'none'] AS worst_first
SELECT number + 1 AS kpi,
  ['task_cost', 'user_cost', 'tenant_cost', 'tier_utilization', 'overage_rate', 'degradation_rate', 'feature_concentration', 'cost_to_revenue'][kpi] AS name,
  ['Per-task cost', 'Per-user cost', 'Per-tenant cost', 'Tier-budget utilization', 'Overage rate by tier', 'Soft-cap degradation', 'Top-feature concentration', 'Cost to revenue'][kpi] AS title,
  [
    (SELECT max(toFloat64(cost_per_task_p50)) FROM task),
    (SELECT max(toFloat64(median_user_usd)) FROM users),
    (SELECT max(toFloat64(month_usd)) FROM tenants),
    (SELECT max(projected_p90) FROM budgets),
    (SELECT max(free_rate) FROM overage),
    (SELECT max(calls_rate) FROM degradation),
    (SELECT max(top3) FROM features),
    (SELECT max(ratio) FROM revenue)
  ][kpi] AS headline,
  [
    (SELECT max(cost_per_task_p50) FROM task),
    (SELECT max(median_user_usd) FROM users),
    (SELECT max(month_usd) FROM tenants),
    NULL, NULL, NULL, NULL, NULL
  ][kpi] AS headline_usd,
  ['usd', 'usd', 'usd', 'ratio', 'ratio', 'ratio', 'ratio', 'ratio'][kpi] AS unit,
  ['cost per task, median', 'median user, month to date', 'all tenants, month to date', 'projected use of the cap at month end, 90th percentile of subjects',
   'free users at their hard cap this month', 'soft-capped calls served by the budget model this month', 'share of cost of the top three features', 'model cost of funded tenants ÷ their revenue, month to date'][kpi] AS meaning,
  [
    arrayFirst(verdict -> has((SELECT groupArray(effective_tokens_band) FROM workloads), verdict), worst_first),
    (SELECT max(seat_ratio_band) FROM users),
    (SELECT max(cost_to_arr_band) FROM tenants),
    (SELECT max(projected_p90_band) FROM budgets),
    (SELECT max(free_rate_band) FROM overage),
    (SELECT max(band) FROM degradation),
    'none',
    (SELECT max(band) FROM revenue)
  ][kpi] AS verdict_or_empty,
  if(verdict_or_empty = '', 'none', verdict_or_empty) AS band,
  ['effective tokens per task, worst workload', 'seat cost ratio', 'cost to ARR', 'projected utilization', 'hard-cap activation', 'degraded share of calls', 'no band', 'cost ÷ revenue'][kpi] AS band_of,
  ['routing, tool-call caps, chunk size', 'soft caps, outreach to power users', 'renewal, pool size', 'tier caps', 'caps too tight or too generous', 'soft threshold', 'five-minute answer of the top feature', 'pricing, routing'][kpi] AS lever,
  [
    (SELECT max(unpriced_calls) FROM task), (SELECT max(unpriced_calls) FROM users), (SELECT max(unpriced_calls) FROM tenants), toUInt64(0),
    (SELECT max(unpriced_calls) FROM overage), (SELECT max(unpriced_calls) FROM degradation), (SELECT max(unpriced_calls) FROM features), (SELECT max(unpriced_calls) FROM revenue)
  ][kpi] AS unpriced_calls,
  [
    (SELECT max(priced_share) FROM task), (SELECT max(priced_share) FROM users), (SELECT max(priced_share) FROM tenants), NULL,
    (SELECT max(priced_share) FROM overage), (SELECT max(priced_share) FROM degradation), (SELECT max(priced_share) FROM features), (SELECT max(priced_share) FROM revenue)
  ][kpi] AS priced_share
FROM numbers(8)
