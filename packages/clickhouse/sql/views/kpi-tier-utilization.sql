-- KPI 4: how much of its monthly budget has each subject used, and when will it hit the cap at this pace?
CREATE OR REPLACE VIEW {{db}}.kpi_tier_utilization {{on_cluster}} AS
WITH
  {{month}},
{{part:utilization}},
  shown AS (
    SELECT *, used / hard AS utilization, projected / hard AS projected_utilization,
      {{usd:subject_cost}} AS cost_usd, if(ifNull(budget, 0) > 0 AND subject_unpriced < subject_charges, toFloat64(cost_usd) / toFloat64(budget), NULL) AS budget_utilization
    FROM capped
  )
SELECT subject, tenant, tier, used, soft AS soft_cap, hard AS hard_cap,
  utilization, {{band:utilization:utilization}} AS band,
  projected, projected_utilization, {{band:utilization:projected_utilization}} AS projected_band,
  if(used > 0 AND projected >= hard, toDate(month_from + toIntervalSecond(toUInt64(hard / projected * (toUnixTimestamp(addMonths(month_from, 1)) - toUnixTimestamp(month_from))))), NULL) AS projected_cap_date,
  pattern, if(subject_unpriced = subject_charges, NULL, cost_usd) AS used_usd, budget AS budget_usd, budget_utilization
FROM shown
ORDER BY projected_utilization DESC NULLS LAST, tenant, subject
LIMIT {top:UInt32}
