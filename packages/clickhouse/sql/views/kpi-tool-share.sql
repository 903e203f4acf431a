-- What do the calls cost that are made for each tool?
CREATE OR REPLACE VIEW {{db}}.kpi_tool_share {{on_cluster}} AS
WITH
  {{range}},
  counted AS (SELECT tool, {{counters}} FROM {{all:feature_counters}} WHERE {{in_range}} AND {{filters:tenants features}}),
  figures AS (
    SELECT tool, sum(calls) AS net_calls, sum(charges) AS net_charges, sumIf(charges, unpriced) AS net_unpriced, sum(femto9) AS cost
    FROM {{priced_groups:counted | tool}} GROUP BY tool HAVING net_charges > 0
  )
SELECT CAST(tool AS String) AS tool, toUInt64(net_calls) AS calls, if(net_unpriced = net_charges, NULL, {{usd:cost}}) AS cost_usd,
  if(sum(cost) OVER () > 0, toFloat64(cost) / toFloat64(sum(cost) OVER ()), NULL) AS share,
  toUInt64(net_unpriced) AS unpriced_calls, 1 - net_unpriced / net_charges AS priced_share
FROM figures
ORDER BY cost DESC, tool
