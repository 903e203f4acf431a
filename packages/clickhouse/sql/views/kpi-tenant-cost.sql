-- KPI 3: what does a tenant cost this month, and does its contract carry that?
-- Annualised cost = trailing 30 days × 365 ÷ 30. Gross margin uses the revenue of the month, pro rata to the part of it that has passed.
CREATE OR REPLACE VIEW {{db}}.kpi_tenant_cost {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from,
  addMonths(month_from, 1) AS month_to,
  as_of_or_now - INTERVAL 30 DAY AS days_from,
  (toUnixTimestamp(as_of_or_now) - toUnixTimestamp(month_from)) / (toUnixTimestamp(month_to) - toUnixTimestamp(month_from)) AS elapsed,
  facts AS (
    SELECT tenant, argMax((tier, seats, arr_usd, renewal_date), (valid_from, loaded_at)) AS fact
    FROM {{db}}.tenants WHERE valid_from <= as_of_or_now GROUP BY tenant
  ),
  income AS (
    SELECT scope AS tenant, argMax(amount, loaded_at) AS revenue_usd
    FROM {{db}}.revenue WHERE scope_kind = 'tenant' AND month = toDate(month_from) AND currency = 'USD' GROUP BY scope
  ),
  grouped AS (
    SELECT tenant, toString(subject) AS subject, {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits,
      price_slot >= month_from AS in_month, price_slot >= days_from AS in_days, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.tenant_counters
    WHERE price_slot >= toStartOfInterval(least(month_from, days_from), INTERVAL 30 MINUTE) AND price_slot < as_of_or_now
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({features:Array(String)}, '*') OR has({features:Array(String)}, feature))
      AND (has({tiers:Array(String)}, '*') OR has({tiers:Array(String)}, tier))
    GROUP BY tenant, subject, price_key, price_window, usage_bits, in_month, in_days
  ),
  priced AS (SELECT * FROM {{priced:grouped}}),
  per_tenant AS (
    SELECT tenant,
      sumIf(priced.calls, in_month) AS calls, sumIf(priced.calls, in_month AND unpriced) AS unpriced_calls,
      sumIf(femto9, in_month) AS cost,
      sumIf(femto9, in_month AND subject = 'account') AS shared_cost,
      sumIf(femto9, in_days) AS days_cost,
      sumIf(priced.calls, in_days AND unpriced) AS days_unpriced
    FROM priced GROUP BY tenant
  ),
  joined AS (
    SELECT tenant, calls, unpriced_calls, cost, shared_cost, days_cost, days_unpriced, facts.fact AS fact,
      if(income.tenant = '', NULL, revenue_usd) AS revenue
    FROM per_tenant LEFT JOIN facts USING (tenant) LEFT JOIN income USING (tenant)
  ),
  keyed AS (
    SELECT multiIf({by:String} = 'all', 'all', {by:String} = 'tenant', toString(tenant), throwIf(1, 'by: want all or tenant') = 0, '', '') AS key,
      toUInt64(countIf(joined.calls > 0)) AS tenants, if({by:String} = 'tenant', any(tupleElement(fact, 1)), '') AS tier,
      sum(tupleElement(fact, 2)) AS seats, sumOrNull(tupleElement(fact, 3)) AS arr,
      if({by:String} = 'tenant', any(tupleElement(fact, 4)), NULL) AS renewal_date,
      sum(joined.calls) AS calls, sum(joined.unpriced_calls) AS unpriced_calls, sum(joined.cost) AS cost, sum(joined.shared_cost) AS shared_cost,
      sumIf(joined.days_cost, isNotNull(tupleElement(fact, 3))) AS funded_days_cost,
      sumOrNull(joined.revenue) AS revenue, sumIf(joined.cost, isNotNull(joined.revenue)) AS funded_cost,
      arrayReverseSort(groupArray(joined.cost)) AS descending
    FROM joined GROUP BY key
  )
SELECT key AS tenant, tenants, toString(tier) AS tier, seats, arr AS arr_usd,
  if(calls > 0 AND unpriced_calls = calls, NULL, {{usd:cost}}) AS month_usd,
  {{usd:cost - shared_cost}} AS direct_usd, {{usd:shared_cost}} AS shared_usd,
  if(sum(cost) OVER () <= 0, NULL, toFloat64(cost) / toFloat64(sum(cost) OVER ())) AS share,
  if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, 20))) / toFloat64(cost)) AS top20_share,
  if(ifNull(arr, 0) <= 0, NULL, toFloat64(funded_days_cost) / 9e15 * 365 / 30 / toFloat64(arr)) AS cost_to_arr,
  {{band:cost_to_arr:cost_to_arr}} AS cost_to_arr_band,
  if(ifNull(revenue, 0) <= 0 OR elapsed <= 0, NULL, 1 - toFloat64(funded_cost) / 9e15 / (toFloat64(revenue) * elapsed)) AS gross_margin,
  renewal_date,
  toUInt64(unpriced_calls) AS unpriced_calls, if(calls = 0, NULL, 1 - unpriced_calls / calls) AS priced_share
FROM keyed
