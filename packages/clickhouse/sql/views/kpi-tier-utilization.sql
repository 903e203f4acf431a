-- KPI 4: how much of its monthly budget has each subject used, and when will it hit the cap at this pace?
-- Subject = user or workspace, as the tier says. Figures are effective tokens.
CREATE OR REPLACE VIEW {{db}}.kpi_tier_utilization {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from,
  addMonths(month_from, 1) AS month_to,
  (toUnixTimestamp(as_of_or_now) - toUnixTimestamp(month_from)) / (toUnixTimestamp(month_to) - toUnixTimestamp(month_from)) AS elapsed,
  tier_facts AS (
    SELECT tier, argMax((scope, cap_basis, soft_cap_tokens, soft_cap_share, hard_cap_tokens, pattern), (valid_from, loaded_at)) AS fact
    FROM {{db}}.tiers WHERE valid_from <= as_of_or_now GROUP BY tier
  ),
  tenant_facts AS (
    SELECT tenant, argMax((seats, pool_tokens), (valid_from, loaded_at)) AS fact
    FROM {{db}}.tenants WHERE valid_from <= as_of_or_now GROUP BY tenant
  ),
  grouped AS (
    SELECT tenant, user, tier, {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.budget_counters
    WHERE month = toDate(month_from) AND price_slot < as_of_or_now
      AND (has({tenants:Array(String)}, '*') OR has({tenants:Array(String)}, tenant))
      AND (has({tiers:Array(String)}, '*') OR has({tiers:Array(String)}, tier))
    GROUP BY tenant, user, tier, price_key, price_window, usage_bits
  ),
  priced AS (SELECT *, {{effective_tokens}} AS effective FROM {{priced:grouped}}),
  used AS (
    SELECT if(tupleElement(tier_facts.fact, 1) = 'user', user, toString(tenant)) AS subject, tenant, tier,
      any(tier_facts.fact) AS tier_fact, any(tenant_facts.fact) AS tenant_fact, sum(effective) AS used, sum(priced.calls) AS calls
    FROM priced INNER JOIN tier_facts USING (tier) LEFT JOIN tenant_facts USING (tenant)
    GROUP BY subject, tenant, tier
    HAVING subject != '' AND calls > 0
  ),
  capped AS (
    SELECT subject, tenant, tier, used, tupleElement(tier_fact, 6) AS pattern,
      multiIf(tupleElement(tier_fact, 2) = 'pool', toFloat64(tupleElement(tenant_fact, 2)),
        tupleElement(tier_fact, 2) = 'per_seat', toFloat64(tupleElement(tier_fact, 5)) * nullIf(tupleElement(tenant_fact, 1), 0),
        toFloat64(tupleElement(tier_fact, 5))) AS hard,
      ifNull(toFloat64(tupleElement(tier_fact, 3)), hard * tupleElement(tier_fact, 4)) AS soft
    FROM used
  )
SELECT subject, CAST(tenant AS String) AS tenant, CAST(tier AS String) AS tier, used, soft AS soft_cap, hard AS hard_cap,
  used / hard AS utilization, {{band:utilization:used / hard}} AS utilization_band,
  if(elapsed <= 0, NULL, used / elapsed) AS projected,
  if(elapsed <= 0 OR used <= 0 OR used / elapsed < hard, NULL,
    toDate(month_from + toIntervalSecond(toUInt64(hard / (used / elapsed) * (toUnixTimestamp(month_to) - toUnixTimestamp(month_from)))))) AS projected_cap_date,
  toString(pattern) AS pattern
FROM capped
ORDER BY projected / hard DESC, subject
LIMIT {top:UInt32}
