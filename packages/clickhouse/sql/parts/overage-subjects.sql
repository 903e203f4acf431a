-- What each subject of a tier with a pattern used since days_from, how many of its calls met the overage pattern, and the
-- first day of either.
  -- A call that was reversed may leave a day without any: such users are netted day by day, all others at once.
  reversed AS (
    SELECT user_key FROM {{all:overage_counters}} WHERE day >= days_from AND calls < 0
  ),
  counted AS (
    SELECT user_key, tier, action, day, {{counters}} FROM {{all:overage_counters}}
    WHERE day >= days_from AND price_slot < as_of_or_now AND {{filters:tenants tiers}}
  ),
  per_user AS (
    SELECT tier, user_key, action, any(tenant) AS tenant, sum(calls) AS user_calls, sum(charges) AS user_charges, sumIf(charges, unpriced) AS user_unpriced, minIf(day, calls > 0) AS from_day
    FROM {{priced:counted}} GROUP BY tier, user_key, action, if(user_key IN (SELECT user_key FROM reversed), day, toDate(0))
  ),
  tier_actions AS (
    SELECT *, toString(tier_fact.6) AS pattern, transform(pattern, ['hard_cap', 'soft_cap', 'payg'], ['denied', 'degraded', 'metered'], '?') AS overage_action FROM tier_facts
  ),
  subjects AS (
    SELECT per_user.tier AS tier, any(tier_actions.pattern) AS pattern, cityHash64(toString(tenant), '') AS tenant_key,
      tier_fact.1 != 'user' OR user_key != tenant_key AS is_subject, if(tier_fact.1 = 'user', user_key, tenant_key) AS subject_key,
      sum(user_calls) AS subject_calls, sumIf(user_calls, action = overage_action) AS overage_calls, sum(user_charges) AS subject_charges, sum(user_unpriced) AS subject_unpriced,
      minIf(from_day, user_calls > 0) AS first_day, minIf(from_day, user_calls > 0 AND action = overage_action) AS first_over
    FROM per_user INNER JOIN tier_actions ON per_user.tier = tier_actions.tier
    GROUP BY tier, tenant_key, subject_key, is_subject
  )
