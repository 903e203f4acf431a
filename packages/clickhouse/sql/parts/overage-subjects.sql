-- What each subject of a tier with a pattern used since days_from, and what of it went through the overage pattern.
  counted AS (
    SELECT user, user_key, tier, action, {{counters}} FROM {{db}}.overage_counters
    WHERE day >= days_from AND price_slot < as_of_or_now AND {{filters:tenants tiers}}
  ),
  subjects AS (
    SELECT counted.tier AS tier, toString(any(tier_fact.6)) AS pattern, tier_fact.1 != 'user' OR user != '' AS is_subject, if(tier_fact.1 = 'user', user_key, cityHash64(toString(tenant), '')) AS subject_key, tenant,
      sum(calls) AS subject_calls, sumIf(calls, action = overage_action) AS overage_calls, sumIf(femto9, action = overage_action) AS overage_cost, sum(charges) AS subject_charges, sumIf(charges, unpriced) AS subject_unpriced
    FROM (SELECT * FROM {{priced:counted}}) AS counted INNER JOIN (SELECT *, transform(toString(tier_fact.6), ['hard_cap', 'soft_cap', 'payg'], ['denied', 'degraded', 'metered'], '?') AS overage_action FROM tier_facts) AS tier_facts ON counted.tier = tier_facts.tier
    GROUP BY tier, tenant, subject_key, is_subject
  )
