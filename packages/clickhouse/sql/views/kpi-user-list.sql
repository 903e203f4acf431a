-- KPI 2: who are the hot spots of the last 7 days, and what drives them?
CREATE OR REPLACE VIEW {{db}}.kpi_user_list {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  as_of_or_now - INTERVAL 7 DAY AS week_from,
  toStartOfDay(as_of_or_now - 1) AS today_from,
  signals AS (
    SELECT cityHash64(toString(tenant), user) AS user_key, argMax(toString(signal), (valid_from, loaded_at)) AS engagement
    FROM {{db}}.engagement WHERE valid_from < as_of_or_now GROUP BY tenant, user
  ),
  -- A call that was reversed may leave a day without any: such users are netted day by day, all others at once.
  reversed AS (
    SELECT user_key FROM {{all:user_counters}} WHERE price_slot >= week_from AND price_slot < as_of_or_now AND charges < 0
  ),
  week AS (
    SELECT user, user_key, tier, feature, price_slot >= as_of_or_now - INTERVAL 1 DAY AS in_day,
      price_slot >= as_of_or_now - INTERVAL 2 DAY AND NOT in_day AS in_day_before, {{counters}}
    FROM {{all:user_counters}}
    WHERE price_slot >= week_from AND price_slot < as_of_or_now AND user != '' AND {{filters:tenants features tiers models}}
  ),
  per_feature AS (
    SELECT user_key, feature, tier, any(tenant) AS tenant, any(user) AS user,
      sum(charges) AS feature_charges, sumIf(charges, unpriced) AS feature_unpriced, sum(femto9) AS feature_cost,
      sumIf(femto9, in_day) AS last_cost, sumIf(femto9, in_day_before) AS before_cost, if(feature_charges > 0, toDate(maxIf(price_slot, charges > 0)), toDate(0)) AS last_day
    FROM {{priced:week}} GROUP BY user_key, feature, tier, if(user_key IN (SELECT user_key FROM reversed), toDate(price_slot), toDate(0))
  ),
  per_user AS (
    SELECT user_key, any(per_feature.tenant) AS tenant, any(per_feature.user) AS user, sum(feature_charges) AS charges, sum(feature_unpriced) AS unpriced_calls,
      sum(feature_cost) AS cost, sum(last_cost) AS user_last, sum(before_cost) AS user_before,
      max(if(feature_charges > 0, (last_day, toString(per_feature.tier)), (toDate(0), ''))).2 AS user_tier,
      groupArray(toString(feature)) AS features, groupArray(feature_cost) AS feature_costs, minIf(toString(feature), feature_charges > 0) AS first_feature
    FROM per_feature GROUP BY user_key HAVING charges > 0
  ),
  shown AS (
    SELECT *, quantileExactIf(0.5)(cost, unpriced_calls = 0) OVER () AS usual_cost, quantileExactIf(0.5)(cost, unpriced_calls = 0) OVER (PARTITION BY user_tier) AS usual_tier_cost
    FROM per_user
    ORDER BY cost DESC, tenant, user
    LIMIT {top:UInt32}
  ),
  -- Only the days of users that may be shown are priced. They are found by their cost alone, without what is shown of them.
  dearest AS (
    SELECT user_key FROM {{priced:week}} GROUP BY user_key HAVING sum(charges) > 0 ORDER BY sum(femto9) DESC LIMIT {top:UInt32} WITH TIES
  ),
  past AS (
    SELECT user_key, {{counters}} FROM {{all:user_counters}}
    WHERE price_slot >= today_from - INTERVAL 30 DAY AND price_slot < as_of_or_now AND {{filters:tenants features tiers models}} AND user_key IN (SELECT user_key FROM dearest)
  ),
  history AS (
    SELECT user_key, sumIf(femto9, price_slot >= today_from) AS today_cost, sumMapIf([toDate(price_slot)], [femto9], price_slot < today_from).2 AS full_days
    FROM {{priced:past}} GROUP BY user_key
  ),
  compared AS (
    SELECT shown.*, if(usual_cost > 0 AND unpriced_calls < charges, toFloat64(cost) / toFloat64(usual_cost), NULL) AS median_multiple,
      usual_tier_cost > 0 AND cost >= 3 * usual_tier_cost AND cost <= 10 * usual_tier_cost AS is_power_user,
      -- Days without calls count as 0: the median stands at position 15 of 30.
      if(length(history.full_days) < 15, toInt128(0), arraySort(arrayResize(history.full_days, 30, toInt128(0)))[16]) AS usual_day,
      if(usual_day > 0, toFloat64(history.today_cost) / toFloat64(usual_day), NULL) AS trajectory,
      -- Features that net to nothing are left out.
      arrayReduce('sumMap', arrayMap(name -> [name], features), arrayMap(amount -> [amount], feature_costs)) AS by_feature,
      signals.engagement AS engagement
    FROM shown LEFT JOIN history ON shown.user_key = history.user_key LEFT JOIN signals ON shown.user_key = signals.user_key
  )
SELECT user, toString(tenant) AS tenant, user_tier AS tier, if(unpriced_calls = charges, NULL, {{usd:cost}}) AS spend_7d_usd,
  if(user_before > 0, toFloat64(user_last) / toFloat64(user_before) - 1, NULL) AS day_delta,
  median_multiple, {{band:hot_spot:median_multiple}} AS median_multiple_band,
  trajectory, {{band:trajectory:trajectory}} AS trajectory_band,
  toUInt8(is_power_user) AS power_user,
  if(empty(by_feature.1), first_feature, arraySort((name, amount) -> (-amount, name), by_feature.1, by_feature.2)[1]) AS top_feature, engagement,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / charges AS priced_share
FROM compared
ORDER BY cost DESC, tenant, user
