-- KPI 5: what share of subjects hits the overage pattern of its tier this month, what spend goes through it, and who converts?
-- hard_cap: subjects with a denied request; soft_cap: with a degraded call; payg: with a metered call.
CREATE OR REPLACE VIEW {{db}}.kpi_overage_rate {{on_cluster}} AS
WITH
  {{month}},
  toDate(month_from) AS days_from,
{{part:tier-facts}},
{{part:tenant-facts}},
{{part:overage-subjects}},
  tier_counts AS (
    SELECT tier, any(subjects.pattern) AS pattern, countIf(is_subject AND subject_calls > 0) AS tier_subjects, countIf(is_subject AND subject_calls > 0 AND overage_calls > 0) AS tier_over,
      sumIf(subject_charges, is_subject) AS tier_charges, sumIf(subject_unpriced, is_subject) AS tier_unpriced,
      groupArrayIf(first_day, is_subject AND first_day != toDate(0)) AS actives, groupArrayIf(first_over, is_subject AND first_over != toDate(0)) AS overs
    FROM subjects GROUP BY tier
  ),
  -- How many days in a row, up to the last one, a tier was outside its band.
  judged AS (
    SELECT *, arrayMap(offset -> toDate(as_of_or_now - 1) - offset, range(if(empty(actives), 0, toUInt32(toDate(as_of_or_now - 1) - arrayMin(actives) + 1)))) AS days,
      arrayMap(day -> arrayCount(other -> other <= day, overs) / arrayCount(other -> other <= day, actives), days) AS rates,
      arrayMap(rate -> if(pattern IN ('hard_cap', 'payg'), {{band_of:concat('overage.', pattern) | rate}}, 'none'), rates) AS bands,
      arrayFirstIndex(band -> band IN ('ok', 'none'), bands) AS inside, toUInt64(if(inside = 0, toInt64(length(bands)), toInt64(inside) - 1)) AS days_outside
    FROM tier_counts
  ),
  over_rows AS (
    SELECT user_key = cityHash64(toString(tenant), '') AS is_account, tier, action, {{counters}} FROM {{all:overage_counters}}
    WHERE action IN ('denied', 'degraded', 'metered') AND day >= days_from AND price_slot < as_of_or_now AND {{filters:tenants tiers}}
  ),
  over_costs AS (
    SELECT over_groups.tier AS tier, sum(femto9) AS over_cost
    FROM {{priced_groups:over_rows | tier, is_account, action}} AS over_groups INNER JOIN tier_actions ON over_groups.tier = tier_actions.tier
    WHERE action = overage_action AND (tier_fact.1 != 'user' OR NOT is_account)
    GROUP BY tier
  ),
  -- Overage calls that are followed by 30 whole days, and for payg the renewals that are.
  past AS (
    SELECT tier, any(tenant) AS past_tenant, any(user) AS past_user, action, toDateTime(price_slot, 'UTC') AS at, sum(calls) AS past_calls FROM {{all:overage_counters}}
    WHERE action IN ('denied', 'degraded', 'metered') AND day >= toDate(as_of_or_now - INTERVAL 425 DAY) AND price_slot < as_of_or_now - INTERVAL 30 DAY AND {{filters:tenants tiers}}
    GROUP BY tier, user_key, action, at HAVING past_calls > 0
  ),
  changes AS (
    SELECT tenant, groupArrayIf((user, at), kind = 'upgrade') AS upgrades, groupArrayIf(toDate(at), kind = 'expansion') AS expansions
    FROM {{db}}.plan_events WHERE at < as_of_or_now GROUP BY tenant
  ),
  events AS (
    SELECT past.tier AS tier, past_tenant AS tenant, if(tier_fact.6 = 'payg' OR tier_fact.1 != 'user', '', past_user) AS event_user,
      minIf(at, at >= as_of_or_now - INTERVAL 60 DAY) AS first_at, toString(any(tier_fact.6)) AS event_pattern,
      any(tenant_fact.5) AS renewal, countIf(toDate(at) < tenant_fact.5 AND toDate(at) >= tenant_fact.5 - 365) AS before_renewal
    FROM past INNER JOIN tier_facts ON past.tier = tier_facts.tier LEFT JOIN tenant_facts ON past.past_tenant = tenant_facts.tenant
    WHERE action = transform(toString(tier_fact.6), ['hard_cap', 'soft_cap', 'payg'], ['denied', 'degraded', 'metered'], '?') AND (tier_fact.1 != 'user' OR past_user != '')
    GROUP BY tier, tenant, event_user
    HAVING if(event_pattern = 'payg', renewal >= toDate(as_of_or_now - INTERVAL 60 DAY) AND renewal < toDate(as_of_or_now - INTERVAL 30 DAY) AND before_renewal > 0, toUnixTimestamp(first_at) > 0)
  ),
  conversions AS (
    SELECT events.tier AS tier, any(event_pattern) AS event_pattern, count() AS events,
      countIf(if(events.event_pattern = 'payg',
        arrayExists(day -> abs(day - assumeNotNull(renewal)) <= 30, changes.expansions),
        arrayExists(change -> (change.1 = '' OR change.1 = event_user OR event_user = '') AND change.2 > first_at AND change.2 <= first_at + INTERVAL 30 DAY, changes.upgrades))) AS converted
    FROM events LEFT JOIN changes ON events.tenant = changes.tenant
    GROUP BY tier
  ),
  per_tier AS (
    SELECT toString(tier) AS tier, judged.pattern AS pattern, tier_subjects, tier_over, toInt128(0) AS tier_cost, tier_charges, tier_unpriced, days_outside AS tier_outside, toUInt64(0) AS tier_events, toUInt64(0) AS tier_converted FROM judged
    UNION ALL SELECT toString(tier), '', 0, 0, over_cost, 0, 0, 0, 0, 0 FROM over_costs
    UNION ALL SELECT toString(tier), any(event_pattern), 0, 0, toInt128(0), 0, 0, 0, sum(events), sum(converted) FROM conversions GROUP BY tier
  ),
  rates AS (
    SELECT {{by:all tier}} AS key, if({by:String} = 'tier', max(pattern), '') AS row_pattern, sum(tier_subjects) AS subjects, sum(tier_over) AS over,
      sumIf(tier_subjects, pattern = 'hard_cap') AS hard_subjects, sumIf(tier_over, pattern = 'hard_cap') AS hard_over,
      sumIf(tier_subjects, pattern = 'payg') AS payg_subjects, sumIf(tier_over, pattern = 'payg') AS payg_over,
      sum(tier_cost) AS overage_cost, sum(tier_charges) AS charges, sum(tier_unpriced) AS unpriced_calls,
      max(tier_outside) AS outside, sum(tier_events) AS all_events, sum(tier_converted) AS all_converted
    FROM per_tier GROUP BY key HAVING charges > 0 OR all_events > 0
  ),
  shown AS (
    SELECT *, if(subjects > 0, over / subjects, NULL) AS rate, if(hard_subjects = 0, NULL, hard_over / hard_subjects) AS free_rate,
      if(payg_subjects = 0, NULL, payg_over / payg_subjects) AS payg_rate, if(all_events = 0, NULL, all_converted / all_events) AS conversion_rate
    FROM rates
  )
SELECT key AS tier, row_pattern AS pattern, toUInt64(subjects) AS subjects, toUInt64(over) AS over, rate,
  if(row_pattern IN ('hard_cap', 'payg'), {{band_of:concat('overage.', row_pattern) | rate}}, 'none') AS band,
  free_rate, {{band:overage.hard_cap:free_rate}} AS free_rate_band, payg_rate, {{band:overage.payg:payg_rate}} AS payg_rate_band,
  toUInt64(outside) AS days_outside, {{usd:overage_cost}} AS overage_usd,
  toUInt64(all_events) AS events, toUInt64(all_converted) AS conversions, conversion_rate,
  if(row_pattern = '', 'none', {{band_of:concat('conversion.', row_pattern) | conversion_rate}}) AS conversion_band,
  toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM shown
ORDER BY tier
