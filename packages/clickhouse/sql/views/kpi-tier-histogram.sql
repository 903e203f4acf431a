-- KPI 4: how is utilization distributed, by tier?
CREATE OR REPLACE VIEW {{db}}.kpi_tier_histogram {{on_cluster}} AS
WITH
  {{month}},
{{part:utilization}}
SELECT tier, if(ifNull(hard, 0) > 0, toDecimalString(least(floor(assumeNotNull(used / hard) * 10), 20) / 10, 1), 'no cap') AS bucket, toUInt64(count()) AS subjects
FROM capped
GROUP BY tier, bucket
ORDER BY tier, bucket
