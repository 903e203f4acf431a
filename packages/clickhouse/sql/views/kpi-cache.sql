-- How much of the input is read from the cache, and what does the cache save or waste?
CREATE OR REPLACE VIEW {{db}}.kpi_cache {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT {{by:all feature route tenant model}} AS key, feature, route, prompt_version, model, {{counters}}
    FROM {{all:feature_counters}}
    WHERE {{in_range}} AND {{filters:tenants features models}}
  ),
  per_prompt AS (
    SELECT key, tenant, feature, route, prompt_version, model, sum(calls) AS prompt_calls, sum(charges) AS prompt_charges, sumIf(charges, unpriced) AS prompt_unpriced,
      sum(input) AS uncached, sum(cache_read) AS reads, sum({{cache_writes}}) AS writes,
      sum(if({{has_price:input}} AND {{has_price:cache_read}}, toInt128(cache_read) * ({{hot_price:input}} - {{hot_price:cache_read}}), toInt128(0))) AS saved,
      sum({{cache_write_premium}}) AS premium
    FROM {{priced:counted}} GROUP BY key, tenant, feature, route, prompt_version, model
  ),
  figures AS (
    SELECT key, sum(prompt_calls) AS calls, sum(prompt_charges) AS charges, sum(prompt_unpriced) AS unpriced_calls, sum(uncached) AS all_uncached, sum(reads) AS all_reads, sum(writes) AS all_writes, sum(saved) AS all_saved,
      sum(if(writes > 0 AND premium > 0 AND reads < writes, intDiv(toInt256(premium) * (writes - greatest(reads, 0)), writes), toInt256(0))) AS wasted
    FROM per_prompt GROUP BY key HAVING charges > 0
  ),
  shown AS (SELECT *, if(all_uncached + all_reads + all_writes > 0, all_reads / (all_uncached + all_reads + all_writes), NULL) AS hit_rate FROM figures)
SELECT toString(key) AS key, toUInt64(calls) AS calls, hit_rate, {{band:cache:hit_rate}} AS band,
  {{usd:all_saved}} AS saved_usd, {{usd:toInt128(wasted)}} AS wasted_usd,
  toUInt64(unpriced_calls) AS unpriced_calls, 1 - unpriced_calls / charges AS priced_share
FROM shown
ORDER BY calls DESC, key
