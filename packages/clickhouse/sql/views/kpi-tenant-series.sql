-- KPI 3: how does the cost of each tenant move?
CREATE OR REPLACE VIEW {{db}}.kpi_tenant_series {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT {{bucket}} AS bucket, input_tokens, output_tokens, {{counters}} FROM {{all:tenant_counters}}
    WHERE {{in_range}} AND {{filters:tenants features tiers models}}
  ),
  figures AS (
    SELECT bucket, tenant, sum(calls) AS net_calls, sum(charges) AS net_charges, sumIf(charges, unpriced) AS net_unpriced, sum(femto9) AS cost, sum({{effective_tokens}}) AS effective
    FROM {{priced:counted}} GROUP BY bucket, tenant HAVING net_charges > 0
  )
SELECT bucket AS time, CAST(tenant AS String) AS tenant, toUInt64(net_calls) AS calls, if(net_unpriced = net_charges, NULL, {{usd:cost}}) AS cost_usd,
  effective AS effective_tokens, toUInt64(net_unpriced) AS unpriced_calls, 1 - net_unpriced / net_charges AS priced_share
FROM figures
ORDER BY time, tenant
