-- KPI 5: what share of subjects hits the overage pattern of its tier this month, and what spend goes through it?
-- hard_cap: subjects with a denied request; soft_cap: with a degraded call; payg: with a metered call.
CREATE OR REPLACE VIEW {{db}}.kpi_overage_rate {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from,
  tier_facts AS (
    SELECT tier, argMax((scope, pattern), (valid_from, loaded_at)) AS fact
    FROM {{db}}.tiers WHERE valid_from <= as_of_or_now GROUP BY tier
  ),
  grouped AS (
    SELECT tier, tenant, user, action, {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.overage_counters
    WHERE day >= toDate(month_from) AND price_slot < as_of_or_now
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({tiers:Array(String)}, '*') OR has({tiers:Array(String)}, tier))
    GROUP BY tier, tenant, user, action, price_key, price_window, usage_bits
  ),
  priced AS (SELECT * FROM {{priced:grouped}}),
  subjects AS (
    SELECT tier, tupleElement(tier_facts.fact, 2) AS pattern,
      if(tupleElement(tier_facts.fact, 1) = 'user', user, toString(tenant)) AS subject, tenant,
      transform(pattern, ['hard_cap', 'soft_cap', 'payg'], ['denied', 'degraded', 'metered'], '') AS overage_action,
      sum(priced.calls) AS calls, sumIf(priced.calls, action = overage_action) AS overage_calls,
      sumIf(femto9, action = overage_action) AS overage_cost, sumIf(priced.calls, unpriced) AS unpriced_calls
    FROM priced INNER JOIN tier_facts USING (tier)
    GROUP BY tier, pattern, subject, tenant
    HAVING subject != '' AND calls > 0
  ),
  rates AS (
    SELECT multiIf({by:String} = 'all', 'all', {by:String} = 'tier', toString(tier), throwIf(1, 'by: want all or tier') = 0, '', '') AS key,
      if({by:String} = 'tier', any(toString(subjects.pattern)), '') AS pattern, toUInt64(count()) AS subjects, toUInt64(countIf(overage_calls > 0)) AS over,
      countIf(subjects.pattern = 'hard_cap') AS hard_subjects, countIf(subjects.pattern = 'hard_cap' AND overage_calls > 0) AS hard_over,
      countIf(subjects.pattern = 'payg') AS payg_subjects, countIf(subjects.pattern = 'payg' AND overage_calls > 0) AS payg_over,
      sum(overage_cost) AS overage_cost, sum(subjects.calls) AS calls, sum(subjects.unpriced_calls) AS unpriced_calls
    FROM subjects GROUP BY key
  )
SELECT key AS tier, pattern, subjects, over, over / subjects AS rate,
  if(pattern IN ('hard_cap', 'payg'), {{band_of:concat('overage.', pattern) | over / subjects}}, 'none') AS band,
  if(hard_subjects = 0, NULL, hard_over / hard_subjects) AS free_rate, {{band:overage.hard_cap:free_rate}} AS free_rate_band,
  if(payg_subjects = 0, NULL, payg_over / payg_subjects) AS payg_rate, {{band:overage.payg:payg_rate}} AS payg_rate_band,
  {{usd:overage_cost}} AS overage_usd,
  toUInt64(unpriced_calls) AS unpriced_calls, if(calls = 0, NULL, 1 - unpriced_calls / calls) AS priced_share
FROM rates
