-- Per tier and subject: the first day with calls and the first day with an overage call, of each month.
{{part:tier-facts}},
  -- A call that was reversed may leave a day without any: such users are netted day by day, all others at once.
  reversed AS (
    SELECT user_key FROM {{all:overage_counters}} WHERE day >= days_from AND calls < 0
  ),
  counted_days AS (
    SELECT toStartOfMonth(day) AS month, tier, user_key, action, minIf(day, calls > 0) AS from_day, any(user = '') AS is_account, any(cityHash64(toString(tenant), '')) AS tenant_key
    FROM {{all:overage_counters}}
    WHERE day >= days_from AND price_slot < as_of_or_now AND {{filters:tenants tiers}}
    GROUP BY month, tier, user_key, action, if(user_key IN (SELECT user_key FROM reversed), day, toDate(0))
    HAVING sum(calls) > 0
  ),
  first_days AS (
    SELECT month, counted_days.tier AS tier, toString(any(tier_fact.6)) AS pattern, if(tier_fact.1 = 'user', counted_days.user_key, tenant_key) AS subject_key,
      min(from_day) AS first_day,
      minIf(from_day, action = transform(toString(tier_fact.6), ['hard_cap', 'soft_cap', 'payg'], ['denied', 'degraded', 'metered'], '?')) AS first_over,
      first_over != toDate(0) AS is_over
    FROM counted_days INNER JOIN tier_facts ON counted_days.tier = tier_facts.tier
    WHERE tier_fact.1 != 'user' OR NOT is_account
    GROUP BY month, tier, subject_key
  ),
  tier_days AS (
    SELECT month, tier, any(first_days.pattern) AS pattern, groupArray(first_day) AS actives, groupArrayIf(first_over, is_over) AS overs, min(first_day) AS from_day
    FROM first_days GROUP BY month, tier
  ),
  days AS (
    SELECT month, tier, pattern, arrayJoin(arrayMap(offset -> from_day + offset, range(toUInt32(least(toLastDayOfMonth(month), toDate(as_of_or_now - 1)) - from_day + 1)))) AS day,
      arrayCount(other -> other <= day, actives) AS subjects, arrayCount(other -> other <= day, overs) AS over, over / subjects AS rate
    FROM tier_days
  ),
  judged_days AS (
    SELECT *, if(pattern IN ('hard_cap', 'payg'), {{band_of:concat('overage.', pattern) | rate}}, 'none') AS band FROM days
  )
