-- KPI 4: what each subject has used in the month, against the caps and the budget of its tier at as_of.
{{part:tier-facts}},
{{part:tenant-facts}},
{{part:user-facts}},
  -- A call that was reversed may leave a day without any: such users are netted day by day, all others at once.
  reversed AS (
    SELECT user_key FROM {{all:budget_counters}} WHERE month = toDate(month_from) AND charges < 0
  ),
  counted AS (
    SELECT user, user_key, tier, day, input_tokens, output_tokens, {{counters}}
    FROM {{all:budget_counters}}
    WHERE month = toDate(month_from) AND price_slot < as_of_or_now AND {{filters:tenants tiers}}
  ),
  per_tier AS (
    SELECT user_key, tier, any(tenant) AS tenant, any(user) AS user, sum(calls) AS tier_calls, sum(charges) AS tier_charges, sumIf(charges, unpriced) AS tier_unpriced,
      sum({{effective_tokens}}) AS tier_effective, sum(femto9) AS tier_cost, if(tier_charges > 0, maxIf(day, charges > 0), toDate(0)) AS last_day
    FROM {{priced:counted}} GROUP BY user_key, tier, if(user_key IN (SELECT user_key FROM reversed), day, toDate(0))
  ),
  per_user AS (
    SELECT user_key, any(per_tier.tenant) AS tenant, any(per_tier.user) AS user, sum(tier_calls) AS user_calls, sum(tier_charges) AS user_charges, sum(tier_unpriced) AS user_unpriced,
      sum(tier_effective) AS effective, sum(per_tier.tier_cost) AS user_cost, max(if(tier_charges > 0, (last_day, toString(per_tier.tier)), (toDate(0), ''))) AS latest
    FROM per_tier GROUP BY user_key
  ),
  scoped AS (
    SELECT tier_fact.1 = 'user' AS is_user, if(is_user, user, toString(tenant)) AS subject, if(is_user, user_key, 0) AS subject_key, tenant, latest, user_calls, user_charges, user_unpriced, effective, user_cost
    FROM per_user INNER JOIN tier_facts ON per_user.latest.2 = tier_facts.tier
    -- An account is no user of its tenant. The text of users is read only for views that show it.
    WHERE user_charges > 0 AND if(is_user, user_key != cityHash64(toString(tenant), ''), tenant != '')
  ),
  subjects AS (
    SELECT subject_key, tenant, any(scoped.subject) AS subject, max(latest).2 AS tier, sum(effective) AS used,
      sum(user_charges) AS subject_charges, sum(user_unpriced) AS subject_unpriced, sum(user_cost) AS subject_cost
    FROM scoped GROUP BY is_user, tenant, subject_key HAVING sum(user_calls) > 0
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
