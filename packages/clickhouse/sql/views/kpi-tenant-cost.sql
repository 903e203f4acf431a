-- KPI 3: what does a tenant cost this month, and does its contract carry that?
CREATE OR REPLACE VIEW {{db}}.kpi_tenant_cost {{on_cluster}} AS
WITH
  {{month}},
  as_of_or_now - INTERVAL 30 DAY AS days_from,
{{part:tenant-month}},
  counted_users AS (
    SELECT user_key, {{counters}} FROM {{all:user_counters}}
    WHERE {{in_month}} AND user != '' AND {{filters:tenants features tiers models}}
      AND ({by:String} = 'tenant' OR tenant IN (SELECT tenant FROM tenant_facts WHERE tenant_fact.6 = 'even_split'))
  ),
  per_user AS (
    SELECT toString(tenant) AS user_tenant, user_key, sum(femto9) AS user_cost
    FROM {{priced:counted_users}} GROUP BY user_tenant, user_key HAVING sum(calls) > 0
  ),
  top_users AS (
    SELECT user_tenant, count() AS active, arraySum(arraySlice(arrayReverseSort(groupArray(user_cost)), 1, toUInt64(ceil(active * 0.05)))) AS top_cost
    FROM per_user GROUP BY user_tenant
  ),
  keyed AS (
    SELECT {{by:all tenant segment}} AS key, countIf(month_calls > 0) AS tenants, sum(month_charges) AS charges, sum(month_unpriced) AS unpriced_calls,
      sum(month_cost) AS cost, sum(if(tenant_fact.6 = 'even_split' AND active > 0, 0, account_cost)) AS shared_cost,
      sum(tenant_fact.2) AS seats, sumOrNull(tenant_fact.4) AS arr, {{part:cost-to-arr}} AS cost_to_arr,
      sumIf(month_charges, revenue > 0) AS funded_charges, sumIf(month_unpriced, revenue > 0) AS funded_unpriced,
      sumIf(days_effective, tenant_fact.3 > 0) AS pool_used, sumIf(tenant_fact.3, tenant_fact.3 > 0) AS pool,
      sumOrNull(revenue) AS revenue_femto, sumIf(month_cost, revenue > 0) AS funded_cost, sumIf(revenue, revenue > 0) AS funded_revenue,
      countIf(segment = 'runaway') AS runaway_tenants, arrayReverseSort(groupArray(month_cost)) AS descending,
      -- Of a single tenant.
      any(tenant_fact.1) AS tenant_tier, any(tenant_fact.5) AS renewal, any(segment) AS tenant_segment, any(top_cost) AS tenant_top_cost, any(tenant_fact.6 = 'even_split') AS tenant_shares, any(account_cost) AS tenant_account_cost, any(active) AS tenant_users
    FROM segmented LEFT JOIN top_users ON segmented.tenant = top_users.user_tenant
    GROUP BY key
  ),
  shown AS (
    SELECT *,
      if(pool > 0, pool_used / pool, NULL) AS pool_utilization,
      if({by:String} = 'tenant' AND cost > 0 AND unpriced_calls < charges AND tenant_users > 0,
        (toFloat64(tenant_top_cost) + if(tenant_shares, toFloat64(tenant_account_cost) * ceil(tenant_users * 0.05) / tenant_users, 0.)) / toFloat64(cost), NULL) AS top_user_share
    FROM keyed
  )
SELECT key AS tenant, toUInt64(tenants) AS tenants, if({by:String} = 'tenant', toString(tenant_tier), '') AS tier, toUInt64(seats) AS seats, arr AS arr_usd,
  if(charges > 0 AND unpriced_calls = charges, NULL, {{usd:cost}}) AS month_usd, {{usd:cost - shared_cost}} AS direct_usd, {{usd:shared_cost}} AS shared_usd,
  if(sum(cost) OVER () <= 0 OR (charges > 0 AND unpriced_calls = charges), NULL, toFloat64(cost) / toFloat64(sum(cost) OVER ())) AS share,
  if(cost <= 0, NULL, toFloat64(arraySum(arraySlice(descending, 1, 20))) / toFloat64(cost)) AS top20_share,
  pool_utilization, {{band:pool:pool_utilization}} AS pool_utilization_band,
  top_user_share, {{band:top_user:top_user_share}} AS top_user_share_band,
  cost_to_arr, {{band:cost_to_arr:cost_to_arr}} AS cost_to_arr_band,
  if(isNull(revenue_femto), NULL, reinterpret(assumeNotNull(revenue_femto), 'Decimal(38, 15)')) AS revenue_usd,
  if(funded_revenue > 0 AND NOT (funded_charges > 0 AND funded_charges = funded_unpriced), 1 - toFloat64(funded_cost) / 9 / toFloat64(funded_revenue), NULL) AS gross_margin,
  if({by:String} = 'all', '', tenant_segment) AS segment, toUInt64(runaway_tenants) AS runaway_tenants,
  if({by:String} = 'tenant', renewal, NULL) AS renewal_date,
  if(pool > 0, ceil(pool_used / 0.7 / 100000) * 100000, NULL) AS recommended_pool,
  if({by:String} != 'tenant', '', multiIf(ifNull(cost_to_arr, 0) > 0.2, 'renegotiate at renewal', ifNull(pool_utilization, 0) > 0.9, 'upgrade candidate',
    ifNull(cost_to_arr, 0) > 0.12, 'funding off margin', ifNull(pool_utilization, 1) < 0.3, 'right-size candidate', '')) AS recommendation,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM shown
ORDER BY cost DESC, tenant
