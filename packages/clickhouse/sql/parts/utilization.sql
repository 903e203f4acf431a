-- KPI 4: what each subject has used in the month, against the caps and the budget of its tier at as_of.
{{part:tier-facts}},
{{part:tenant-facts}},
{{part:user-facts}},
  counted AS (
    SELECT user, user_key, tier, day, input_tokens, output_tokens, {{counters}}
    FROM {{all:budget_counters}}
    WHERE month = toDate(month_from) AND price_slot < as_of_or_now AND {{filters:tenants tiers}}
  ),
  per_day AS (
    SELECT user_key, tier, day, any(tenant) AS tenant, any(user) AS user, sum(calls) AS day_calls, sum(charges) AS day_charges, sumIf(charges, unpriced) AS day_unpriced,
      sum({{effective_tokens}}) AS day_effective, sum(femto9) AS day_cost
    FROM {{priced:counted}} GROUP BY user_key, tier, day
  ),
  per_user AS (
    SELECT user_key, any(per_day.tenant) AS tenant, any(per_day.user) AS user, sum(day_calls) AS user_calls, sum(day_charges) AS user_charges, sum(day_unpriced) AS user_unpriced,
      sum(day_effective) AS effective, sum(day_cost) AS user_cost, max(if(day_charges > 0, (day, toString(per_day.tier)), (toDate(0), ''))) AS latest
    FROM per_day GROUP BY user_key
  ),
  scoped AS (
    SELECT tier_fact.1 = 'user' AS is_user, if(is_user, user, toString(tenant)) AS subject, tenant, user_key, latest, user_calls, user_charges, user_unpriced, effective, user_cost
    FROM per_user INNER JOIN tier_facts ON per_user.latest.2 = tier_facts.tier
    WHERE user_charges > 0
  ),
  subjects AS (
    SELECT is_user, subject, tenant, if(is_user, user_key, 0) AS subject_key, max(latest).2 AS tier, sum(effective) AS used,
      sum(user_charges) AS subject_charges, sum(user_unpriced) AS subject_unpriced, sum(user_cost) AS subject_cost
    FROM scoped WHERE subject != '' GROUP BY is_user, subject, tenant, subject_key HAVING sum(user_calls) > 0
  ),
  capped AS (
    SELECT subject, toString(subjects.tenant) AS tenant, subjects.tier AS tier, used, subject_charges, subject_unpriced, subject_cost, toString(tier_fact.6) AS pattern,
      multiIf(tier_fact.2 = 'pool', toFloat64(tenant_fact.3), tier_fact.2 = 'per_seat', toFloat64(tier_fact.5) * nullIf(tenant_fact.2, 0), toFloat64(tier_fact.5)) AS hard,
      ifNull(toFloat64(tier_fact.3), hard * tier_fact.4) AS soft,
      -- Money in femto-dollars, a share of a seat price rounded down.
      multiIf(isNotNull(tier_fact.8) AND isNull(user_fact.3), NULL, isNotNull(tier_fact.8), reinterpret(toInt128(intDiv(toInt256(reinterpret(assumeNotNull(user_fact.3), 'Int128')) * toInt256(round((1 - assumeNotNull(tier_fact.8)) * 1e15)), toInt256(1000000000000000))), 'Decimal(38, 15)'), tier_fact.7) AS budget,
      used / {{elapsed}} AS projected
    FROM subjects INNER JOIN tier_facts ON subjects.tier = tier_facts.tier
      LEFT JOIN tenant_facts ON subjects.tenant = tenant_facts.tenant
      LEFT JOIN user_facts ON subjects.subject_key = user_facts.user_key
  )
