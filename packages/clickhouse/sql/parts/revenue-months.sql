-- Cost and revenue per month and key, from the month of first_month up to as_of.
{{part:user-facts}},
  counted AS (
    SELECT month, if({by:String} IN ('all', 'tenant', 'segment'), toString(tenant), if({by:String} = 'tier', toString(tier), if({by:String} = 'feature', toString(feature), if({by:String} = 'product', toString(service),
      toString(throwIf({by:String} != 'cohort', 'by: want all, tenant, tier, feature, product, cohort or segment')))))) AS scope, {{counters}}
    FROM {{all:product_counters}}
    WHERE {by:String} != 'cohort' AND month >= first_month AND price_slot < as_of_or_now AND {{filters:tenants features tiers models environments}}
    UNION ALL
    SELECT toStartOfMonth(price_slot) AS month, if(user_facts.user_key = 0, '', formatDateTime(user_fact.2, '%Y-%m')) AS scope, {{counters}}
    FROM {{all:user_counters}} AS user_counters LEFT JOIN user_facts ON user_counters.user_key = user_facts.user_key
    WHERE {by:String} = 'cohort' AND price_slot >= toDateTime(first_month, 'UTC') AND price_slot < as_of_or_now AND {{filters:tenants features tiers models environments}}
  ),
  costs AS (
    SELECT month, scope, sum(charges) AS scope_charges, sumIf(charges, unpriced) AS scope_unpriced, sum(femto9) AS scope_cost
    FROM {{priced:counted}} GROUP BY month, scope
  ),
  income AS (
    SELECT month, toString(revenue.scope) AS scope, argMax(amount, loaded_at) AS amount FROM {{db}}.revenue
    WHERE month >= first_month AND month < as_of_or_now AND currency = 'USD' AND scope_kind = if({by:String} IN ('all', 'segment'), 'tenant', {by:String})
      AND (scope_kind != 'tenant' OR has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, revenue.scope))
      AND (scope_kind != 'feature' OR has({features:Array(String)}, '*') OR has({features:Array(String)}, revenue.scope))
      AND (scope_kind != 'tier' OR has({tiers:Array(String)}, '*') OR has({tiers:Array(String)}, revenue.scope))
    GROUP BY month, scope
  ),
  joined AS (
    SELECT if(costs.month = toDate(0), income.month, costs.month) AS month, if(costs.month = toDate(0), income.scope, costs.scope) AS scope, scope_charges, scope_unpriced, scope_cost,
      -- In femto-dollars, rounded down; nothing where no fact was loaded.
      if(income.month = toDate(0), NULL, toInt128(reinterpret(amount, 'Int128'))) AS month_revenue,
      if(toDateTime(addMonths(month, 1), 'UTC') <= as_of_or_now, 1, toUnixTimestamp(as_of_or_now) - toUnixTimestamp(toDateTime(month, 'UTC'))) AS part,
      if(part = 1, 1, toUnixTimestamp(toDateTime(addMonths(month, 1), 'UTC')) - toUnixTimestamp(toDateTime(month, 'UTC'))) AS whole,
      toInt128(intDiv(toInt256(month_revenue) * part, whole)) AS revenue
    FROM costs FULL OUTER JOIN income ON costs.month = income.month AND costs.scope = income.scope
  ),
  segmented AS (
    SELECT *, if(revenue > 0 AND NOT (scope_charges > 0 AND scope_charges = scope_unpriced), 1 - toFloat64(scope_cost) / 9 / toFloat64(revenue), NULL) AS margin,
      if({by:String} = 'all', 'all', if({by:String} = 'segment', transform({{band:gross_margin:margin}}, ['ok', 'watch', 'act'], ['healthy', 'power', 'runaway'], 'unknown'), scope)) AS key
    FROM joined WHERE scope_charges > 0 OR isNotNull(month_revenue)
  ),
  keyed AS (
    SELECT month, key, sum(scope_charges) AS charges, sum(scope_unpriced) AS unpriced_calls, sum(scope_cost) AS cost, sumOrNull(revenue) AS revenue_sum, sumOrNull(month_revenue) AS month_revenue_sum,
      sumIf(scope_charges, revenue > 0) AS funded_charges, sumIf(scope_unpriced, revenue > 0) AS funded_unpriced,
      if(sumIf(revenue, revenue > 0) > 0 AND NOT (funded_charges > 0 AND funded_charges = funded_unpriced), toFloat64(sumIf(scope_cost, revenue > 0)) / 9 / toFloat64(sumIf(revenue, revenue > 0)), NULL) AS ratio,
      countIf(isNull(month_revenue) AND scope_charges > 0) AS unfunded
    FROM segmented GROUP BY month, key
  )
