-- KPI 4, per tier: how many subjects are over their caps now, and how many will be by the end of the month?
CREATE OR REPLACE VIEW {{db}}.kpi_tier_summary {{on_cluster}} AS
SELECT multiIf({by:String} = 'all', 'all', {by:String} = 'tier', tier, throwIf(1, 'by: want all or tier') = 0, '', '') AS tier,
  toUInt64(count()) AS subjects, toUInt64(countIf(used >= soft_cap)) AS over_soft, toUInt64(countIf(used >= hard_cap)) AS over_hard,
  toUInt64(countIf(projected >= hard_cap)) AS projected_over, min(projected_cap_date) AS first_cap_date,
  quantileExactOrNull(0.5)(utilization) AS p50, quantileExactOrNull(0.9)(utilization) AS p90, quantileExactOrNull(0.99)(utilization) AS p99,
  quantileExactOrNull(0.9)(projected / hard_cap) AS projected_p90,
  {{band:utilization:projected_p90}} AS projected_p90_band
FROM (SELECT tier AS of_tier, * FROM {{db}}.kpi_tier_utilization(as_of = {as_of:DateTime('UTC')}, top = 4294967295, tenants = {tenants:Array(String)}, tiers = {tiers:Array(String)}, book = {book:String}))
GROUP BY tier
