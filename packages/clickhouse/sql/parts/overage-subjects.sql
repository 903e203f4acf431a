-- What each subject of a tier with a pattern used since days_from, and how many of its calls met the overage pattern.
  counted AS (
    SELECT user = '' AS is_account, user_key, tier, action, {{counters}} FROM {{all:overage_counters}}
    WHERE day >= days_from AND price_slot < as_of_or_now AND {{filters:tenants tiers}}
  ),
  per_user AS (
    SELECT tier, user_key, action, any(tenant) AS tenant, any(is_account) AS is_account, sum(calls) AS user_calls, sum(charges) AS user_charges, sumIf(charges, unpriced) AS user_unpriced
    FROM {{priced:counted}} GROUP BY tier, user_key, action
  ),
  tier_actions AS (
    SELECT *, toString(tier_fact.6) AS pattern, transform(pattern, ['hard_cap', 'soft_cap', 'payg'], ['denied', 'degraded', 'metered'], '?') AS overage_action FROM tier_facts
  ),
  subjects AS (
    SELECT per_user.tier AS tier, any(tier_actions.pattern) AS pattern, tier_fact.1 != 'user' OR NOT is_account AS is_subject, if(tier_fact.1 = 'user', user_key, cityHash64(toString(tenant), '')) AS subject_key,
      sum(user_calls) AS subject_calls, sumIf(user_calls, action = overage_action) AS overage_calls, sum(user_charges) AS subject_charges, sum(user_unpriced) AS subject_unpriced
    FROM per_user INNER JOIN tier_actions ON per_user.tier = tier_actions.tier
    GROUP BY tier, subject_key, is_subject
  )
