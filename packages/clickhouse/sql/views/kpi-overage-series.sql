-- KPI 5: how does the overage rate of each tier move within its month?
CREATE OR REPLACE VIEW {{db}}.kpi_overage_series {{on_cluster}} AS
WITH
  least({to_time:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  toStartOfMonth({from_time:DateTime('UTC')}) AS days_from,
{{part:overage-days}}
SELECT day, CAST(tier AS String) AS tier, toUInt64(subjects) AS subjects, toUInt64(over) AS over, rate, band
FROM judged_days
WHERE day >= toDate({from_time:DateTime('UTC')})
ORDER BY day, tier
