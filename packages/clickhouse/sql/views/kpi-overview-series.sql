-- How did the headline of each KPI move from day to day? One scan per KPI, each of its own target.
CREATE OR REPLACE VIEW {{db}}.kpi_overview_series {{on_cluster}} AS
WITH
  {{range}},
  to_or_now AS as_of_or_now,
{{part:tier-facts}},
{{part:soft-tiers}},
  hard_tiers AS (SELECT tier FROM tier_facts WHERE tier_fact.6 = 'hard_cap'),
  task_rows AS (SELECT toDate(price_slot) AS day, task_key, {{counters}} FROM {{all:task_counters}} WHERE {{in_range}}),
  task_days AS (
    SELECT day, task_key, sum(femto9) AS task_cost FROM {{priced:task_rows}} GROUP BY day, task_key HAVING sum(calls) > 0 AND sumIf(charges, unpriced) = 0
  ),
  user_rows AS (SELECT toDate(price_slot) AS day, user_key, {{counters}} FROM {{all:user_counters}} WHERE {{in_range}} AND user != ''),
  user_days AS (
    SELECT day, user_key, sum(femto9) AS user_cost FROM {{priced:user_rows}} GROUP BY day, user_key HAVING sum(calls) > 0 AND sumIf(charges, unpriced) = 0
  ),
  tenant_rows AS (SELECT toDate(price_slot) AS day, {{counters}} FROM {{all:tenant_counters}} WHERE {{in_range}}),
  budget_rows AS (SELECT day, input_tokens, output_tokens, {{counters}} FROM {{all:budget_counters}} WHERE month >= toDate(toStartOfMonth(from_slot)) AND {{in_range}}),
  denied AS (
    SELECT day, user_key, sumIf(calls, action = 'denied') > 0 AS is_denied FROM {{all:overage_counters}}
    WHERE day >= toDate(from_slot) AND {{in_range}} AND user != '' AND tier IN (SELECT tier FROM hard_tiers) GROUP BY day, user_key HAVING sum(calls) > 0
  ),
  feature_rows AS (SELECT toDate(price_slot) AS day, feature, {{counters}} FROM {{all:feature_counters}} WHERE {{in_range}}),
  feature_days AS (SELECT day, feature, sum(femto9) AS feature_cost, sum(charges) > sumIf(charges, unpriced) AS is_priced FROM {{priced_groups:feature_rows | day, feature}} GROUP BY day, feature),
  income AS (
    SELECT month, scope, argMax(amount, loaded_at) AS amount FROM {{db}}.revenue
    WHERE scope_kind = 'tenant' AND currency = 'USD' AND month >= toDate(toStartOfMonth(from_slot)) AND month < to_or_now GROUP BY month, scope HAVING amount > 0
  ),
  product_rows AS (
    SELECT toDate(price_slot) AS day, month, {{counters}} FROM {{all:product_counters}}
    WHERE month >= toDate(toStartOfMonth(from_slot)) AND {{in_range}} AND (month, tenant) IN (SELECT month, scope FROM income)
  ),
  revenue_days AS (SELECT month, toFloat64(sum(amount)) / toDayOfMonth(toLastDayOfMonth(month)) AS daily FROM income GROUP BY month)
SELECT toUInt64(kpi) AS kpi, day, value
FROM (
  SELECT 1 AS kpi, day, toNullable(toFloat64(quantileExact(0.5)(task_cost)) / 9e15) AS value FROM task_days GROUP BY day
  UNION ALL SELECT 2, day, toNullable(toFloat64(quantileExact(0.5)(user_cost)) / 9e15) FROM user_days GROUP BY day
  UNION ALL SELECT 3, day, if(sum(charges) = sumIf(charges, unpriced), NULL, toFloat64(sum(femto9)) / 9e15) FROM {{priced_groups:tenant_rows | day}} GROUP BY day
  UNION ALL SELECT 4, day, toNullable(sum({{effective_tokens}})) FROM {{priced:budget_rows}} GROUP BY day HAVING sum(charges) > 0
  UNION ALL SELECT 5, day, toNullable(avg(is_denied)) FROM denied GROUP BY day
  UNION ALL SELECT 6, toDate(price_slot) AS day, toNullable(sumIf(calls, action = 'degraded') / sum(calls)) FROM {{all:degradation_counters}}
    WHERE tier IN (SELECT tier FROM soft_tiers) AND action != 'denied' AND {{in_range}} GROUP BY day HAVING sum(calls) > 0
  UNION ALL SELECT 7, day, if(max(is_priced) AND sum(feature_cost) > 0, toFloat64(arraySum(arraySlice(arrayReverseSort(groupArray(feature_cost)), 1, 3))) / toFloat64(sum(feature_cost)), NULL) FROM feature_days GROUP BY day
  UNION ALL SELECT 8, day, if(sum(charges) = sumIf(charges, unpriced), NULL, toFloat64(sum(femto9)) / 9e15 / any(daily)) FROM (SELECT * FROM {{priced_groups:product_rows | day, month}}) AS funded INNER JOIN revenue_days ON funded.month = revenue_days.month GROUP BY day
)
WHERE isNotNull(value)
ORDER BY kpi, day
