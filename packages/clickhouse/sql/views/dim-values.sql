-- Which values does a dimension have, dearest first?
CREATE OR REPLACE VIEW {{db}}.dim_values {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT if({dimension:String} = 'tenant', toString(tenant), if({dimension:String} = 'feature', toString(feature), if({dimension:String} = 'tier', toString(tier), if({dimension:String} = 'model', toString(model), if({dimension:String} = 'environment', toString(environment),
      toString(throwIf({dimension:String} != 'workload', 'dimension: want tenant, feature, tier, workload, model or environment'))))))) AS value, {{counters}}
    FROM {{all:product_counters}} WHERE {dimension:String} != 'workload' AND {{in_range}}
    UNION ALL
    SELECT toString(workload) AS value, {{counters}} FROM {{all:feature_counters}} WHERE {dimension:String} = 'workload' AND {{in_range}}
  ),
  figures AS (SELECT value, sum(calls) AS net_calls, sum(femto9) AS cost FROM {{priced:counted}} GROUP BY value HAVING sum(charges) > 0),
  names AS (SELECT toString(tenant) AS tenant, argMax(name, (valid_from, loaded_at)) AS name FROM {{db}}.tenants WHERE valid_from < to_or_now GROUP BY tenant)
SELECT value, if({dimension:String} = 'tenant' AND names.name != '', names.name, value) AS label
FROM figures LEFT JOIN names ON figures.value = names.tenant
ORDER BY cost DESC, net_calls DESC, value
LIMIT 500
