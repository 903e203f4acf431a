-- KPI 8: what part of the revenue does the model cost eat, in the month of as_of so far?
-- Revenue is pro rata to the part of the month that has passed. Cost of scopes without revenue is left out of the ratio and counted.
CREATE OR REPLACE VIEW {{db}}.kpi_cost_to_revenue {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from,
  addMonths(month_from, 1) AS month_to,
  (toUnixTimestamp(as_of_or_now) - toUnixTimestamp(month_from)) / (toUnixTimestamp(month_to) - toUnixTimestamp(month_from)) AS elapsed,
  grouped AS (
    SELECT tenant, if({by:String} = 'feature', toString(feature), '') AS by_feature, if({by:String} = 'tier', toString(tier), '') AS by_tier,
      {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.product_counters
    WHERE month = toDate(month_from) AND price_slot < as_of_or_now
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({features:Array(String)}, '*') OR has({features:Array(String)}, feature))
      AND (has({tiers:Array(String)}, '*') OR has({tiers:Array(String)}, tier))
      AND (has({environments:Array(String)}, '*') OR has({environments:Array(String)}, environment))
    GROUP BY tenant, by_feature, by_tier, price_key, price_window, usage_bits
  ),
  priced AS (SELECT * FROM {{priced:grouped}}),
  costs AS (
    SELECT multiIf({by:String} = 'feature', by_feature, {by:String} = 'tier', by_tier, {by:String} IN ('all', 'tenant'), toString(tenant), throwIf(1, 'by: want all, tenant, feature or tier') = 0, '', '') AS scope,
      sum(priced.calls) AS calls, sumIf(priced.calls, unpriced) AS unpriced_calls, sum(femto9) AS cost
    FROM priced GROUP BY scope
  ),
  income AS (
    SELECT toString(revenue.scope) AS scope, toNullable(argMax(amount, loaded_at)) AS amount
    FROM {{db}}.revenue
    WHERE month = toDate(month_from) AND currency = 'USD' AND scope_kind = if({by:String} = 'all', 'tenant', {by:String})
      AND ({by:String} NOT IN ('all', 'tenant') OR has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, revenue.scope))
    GROUP BY revenue.scope
  ),
  joined AS (
    SELECT if(costs.scope = '', income.scope, costs.scope) AS scope, costs.calls AS calls, costs.unpriced_calls AS unpriced_calls, costs.cost AS cost, income.amount AS revenue
    FROM costs FULL OUTER JOIN income ON costs.scope = income.scope
  ),
  keyed AS (
    SELECT if({by:String} = 'all', 'all', scope) AS key, sum(joined.calls) AS calls, sum(joined.unpriced_calls) AS unpriced_calls,
      sum(joined.cost) AS cost, sumOrNull(revenue) AS revenue, sumIf(joined.cost, isNotNull(joined.revenue)) AS funded_cost,
      toUInt64(countIf(isNull(joined.revenue) AND joined.calls > 0)) AS unfunded_scopes
    FROM joined GROUP BY key
  )
SELECT key, if(calls > 0 AND unpriced_calls = calls, NULL, {{usd:cost}}) AS cost_usd,
  CAST(revenue AS Nullable(Decimal(38, 15))) AS revenue_month_usd,
  if(ifNull(revenue, 0) <= 0 OR elapsed <= 0, NULL, toFloat64(funded_cost) / 9e15 / (toFloat64(revenue) * elapsed)) AS ratio,
  {{band:cost_to_revenue:ratio}} AS band, 1 - ratio AS gross_margin, unfunded_scopes,
  toUInt64(unpriced_calls) AS unpriced_calls, if(calls = 0, NULL, 1 - unpriced_calls / calls) AS priced_share
FROM keyed
