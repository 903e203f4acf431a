-- Users in the month of as_of so far and in the 30 days before it, each with its share of what a tenant's account left.
{{part:tier-facts}},
{{part:tenant-facts}},
{{part:user-facts}},
  -- A call that was reversed may leave a day without any: such users are netted day by day, all others at once.
  reversed AS (
    SELECT user_key FROM {{all:user_counters}} WHERE price_slot >= month_from AND price_slot < as_of_or_now AND charges < 0
  ),
  counted AS (
    SELECT user, user_key, tier, price_slot >= month_from AS in_month, price_slot >= days_from AS in_days, price_slot >= as_of_or_now - INTERVAL 1 DAY AS in_day,
      input_tokens, output_tokens, {{counters}}
    FROM {{all:user_counters}}
    WHERE price_slot >= toStartOfInterval(least(month_from, days_from), INTERVAL 30 MINUTE) AND price_slot < as_of_or_now AND {{filters:tenants features tiers models}}
  ),
  per_tier AS (
    SELECT user_key, tier, any(tenant) AS tenant, any(user) AS user,
      sumIf(calls, in_month) AS month_calls, sumIf(charges, in_month) AS month_charges, sumIf(charges, in_month AND unpriced) AS month_unpriced, sumIf(femto9, in_month) AS month_cost,
      sumIf(calls, in_days) AS days_calls, sumIf(charges, in_days AND unpriced) AS days_unpriced, sumIf(femto9, in_days) AS days_cost,
      sumIf({{effective_tokens}}, in_month) AS effective, sumIf(input_tokens + output_tokens, in_day) AS recent,
      if(month_charges > 0, toDate(maxIf(price_slot, in_month AND charges > 0)), toDate(0)) AS last_day
    FROM {{priced:counted}} GROUP BY user_key, tier, if(user_key IN (SELECT user_key FROM reversed), toDate(price_slot), toDate(0))
  ),
  per_user AS (
    SELECT user_key, any(per_tier.tenant) AS tenant, any(per_tier.user) AS user,
      sum(month_calls) AS own_calls, sum(month_charges) AS own_charges, sum(month_unpriced) AS own_unpriced, sum(month_cost) AS own_cost,
      sum(days_calls) AS user_days_calls, sum(days_unpriced) AS user_days_unpriced, sum(days_cost) AS user_days_cost,
      sum(effective) AS used, sum(recent) AS recent_tokens, max(if(month_charges > 0, (last_day, toString(per_tier.tier)), (toDate(0), ''))) AS latest
    FROM per_tier GROUP BY user_key
  ),
  -- What the account of a tenant that shares evenly leaves to each of its active users.
  members AS (
    SELECT per_user.*, tenant_fact.6 = 'even_split' AND own_calls > 0 AND user != '' AS shares,
      sum(shares) OVER (PARTITION BY tenant) AS sharers, sum(shares) OVER (PARTITION BY tenant ORDER BY user) AS place,
      sumIf(own_charges, user = '') OVER (PARTITION BY tenant) AS account_charges, sumIf(own_unpriced, user = '') OVER (PARTITION BY tenant) AS account_unpriced,
      sumIf(own_cost, user = '') OVER (PARTITION BY tenant) AS account_cost
    FROM per_user LEFT JOIN tenant_facts ON per_user.tenant = tenant_facts.tenant
  ),
  shared AS (
    SELECT members.*, if(shares, account_unpriced, 0) AS shared_unpriced,
      own_cost + if(shares, intDiv(account_cost, greatest(sharers, 1)) + if(place <= account_cost % greatest(sharers, 1), 1, 0), 0) AS user_cost,
      -- The charges of an account are counted once, at the first of its users.
      if(shares AND place = 1, account_charges, 0) AS account_charges_here, if(shares AND place = 1, account_unpriced, 0) AS account_unpriced_here
    FROM members WHERE user != ''
  ),
  judged AS (
    SELECT shared.*, user_fact.3 AS seat_price, tier_fact.1 = 'user' AND own_calls > 0 AS has_cap,
      toFloat64(tier_fact.5) AS hard, ifNull(toFloat64(tier_fact.3), hard * tier_fact.4) AS soft
    FROM shared LEFT JOIN user_facts ON shared.user_key = user_facts.user_key LEFT JOIN tier_facts ON shared.latest.2 = tier_facts.tier
  ),
  month AS (
    SELECT countIf(own_calls > 0) AS active, sum(own_charges) + sum(account_charges_here) AS charges, sum(own_unpriced) + sum(account_unpriced_here) AS unpriced_calls,
      sum(user_cost) AS cost,
      countIf(own_calls > 0 AND own_unpriced = 0 AND shared_unpriced = 0) AS complete, quantileExactIf(0.5)(user_cost, own_calls > 0 AND own_unpriced = 0 AND shared_unpriced = 0) AS usual,
      arrayReverseSort(groupArrayIf(user_cost, own_calls > 0)) AS descending,
      quantileExactOrNullIf(0.5)(toFloat64(user_days_cost) / 9e15 / toFloat64(seat_price), user_days_calls > 0 AND user_days_unpriced = 0 AND seat_price > 0) AS seat_ratio,
      quantileExactOrNullIf(0.9)(used / soft, has_cap AND soft > 0) AS p90_soft_ratio, quantileExactOrNullIf(0.99)(used / hard, has_cap AND hard > 0) AS p99_hard_ratio,
      countIf(has_cap AND used >= hard AND recent_tokens > 0) AS past_cap
    FROM judged
  )
