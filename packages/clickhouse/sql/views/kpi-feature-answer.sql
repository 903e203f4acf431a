-- KPI 7, the five-minute answer: why did the cost per task of a feature change over 30 days?
-- One figure is replaced after the other, from then to now: calls per task, the mix of models, tokens per call, what part of the
-- input the cache serves, prices. What each step changes is the effect of its driver; the steps add up to the change exactly,
-- since each ends where the next begins. A model that was not used then is taken as it is now.
CREATE OR REPLACE VIEW {{db}}.kpi_feature_answer {{on_cluster}} AS
WITH
  least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now,
  as_of_or_now - INTERVAL 30 DAY AS now_from,
  counted AS (
    SELECT model, task_key, price_slot >= now_from AS is_now, {{counters}} FROM {{all:task_counters}}
    WHERE price_slot >= as_of_or_now - INTERVAL 60 DAY AND price_slot < as_of_or_now AND feature = {feature:String} AND {{filters:tenants workloads}}
  ),
  tasks AS (
    SELECT is_now, task_key, sumIf(charges, unpriced) > 0 AS is_unpriced FROM {{priced:counted}} GROUP BY is_now, task_key HAVING sum(calls) > 0
  ),
  -- Complete tasks only: of the others no cost per task is known.
  complete AS (
    SELECT * FROM counted WHERE (is_now, task_key) IN (SELECT is_now, task_key FROM tasks WHERE NOT is_unpriced)
  ),
  summed AS (
    SELECT is_now, toString(model) AS model, calls, femto9, {{meter_map}} AS quantities,
      mapApply((meter, quantity) -> (meter, toInt128(quantity) * ifNull({{price_of_meter:}}, 0)), quantities) AS amounts
    FROM {{priced_groups:complete | is_now, model}}
  ),
  -- A nameless model counts the tasks.
  per_model AS (
    SELECT model, sumIf(calls, is_now) AS m1, sumIf(calls, NOT is_now) AS m0, sumIf(femto9, is_now) AS v1, sumIf(femto9, NOT is_now) AS v0,
      sumMapIf(quantities, is_now) AS q1, sumMapIf(quantities, NOT is_now) AS q0, sumMapIf(amounts, is_now) AS w1, sumMapIf(amounts, NOT is_now) AS w0
    FROM summed GROUP BY model
    UNION ALL
    SELECT if(is_unpriced, '(unpriced tasks)', '(tasks)'), toInt64(countIf(is_now)), toInt64(countIf(NOT is_now)), toInt128(0), toInt128(0),
      CAST(map(), 'Map(String, Int64)'), CAST(map(), 'Map(String, Int64)'), CAST(map(), 'Map(String, Int128)'), CAST(map(), 'Map(String, Int128)')
    FROM tasks GROUP BY is_unpriced
  ),
  measured AS (
    SELECT *, mapKeys(mapAdd(q1, q0)) AS meters,
      arraySum(meter -> if(meter IN ({{input_meters}}), q1[meter], 0), meters) AS input1, arraySum(meter -> if(meter IN ({{input_meters}}), q0[meter], 0), meters) AS input0,
      arraySum(meter -> if(meter IN ({{token_meters}}), q1[meter], 0), meters) AS tokens1, arraySum(meter -> if(meter IN ({{token_meters}}), q0[meter], 0), meters) AS tokens0,
      arraySum(meter -> if(startsWith(meter, 'cache_read'), q1[meter], 0), meters) AS read1, arraySum(meter -> if(startsWith(meter, 'cache_read'), q0[meter], 0), meters) AS read0,
      -- Unit prices of then where the model used the meter then, else of now.
      arrayMap(meter -> if(m0 > 0 AND q0[meter] > 0, toFloat64(w0[meter]) / q0[meter], if(q1[meter] > 0, toFloat64(w1[meter]) / q1[meter], 0.)), meters) AS prices0,
      -- The calls of now at the prices of then: with the input split as then, and as now.
      arraySum((meter, price) -> price * if(meter IN ({{input_meters}}) AND m0 > 0 AND input0 > 0, toFloat64(input1) * q0[meter] / input0, toFloat64(q1[meter])), meters, prices0) AS split_then,
      arraySum((meter, price) -> price * q1[meter], meters, prices0) AS split_now,
      if(m0 > 0, m1 * toFloat64(v0) / m0, toFloat64(v1)) AS mixed,
      model IN ('(tasks)', '(unpriced tasks)') AS is_count
    FROM per_model
  ),
  steps AS (
    SELECT sumIf(m1, model = '(tasks)') AS t1, sumIf(m0, model = '(tasks)') AS t0, sumIf(m1, model = '(unpriced tasks)') AS unpriced,
      sumIf(m1, NOT is_count) AS n1, sumIf(m0, NOT is_count) AS n0, sum(v1) AS exact1, sum(v0) AS exact0, t0 > 0 AND t1 > 0 AS is_comparable,
      sum(input1) AS all_input1, sum(input0) AS all_input0, sum(tokens1) AS all_tokens1, sum(tokens0) AS all_tokens0, sum(read1) AS all_read1, sum(read0) AS all_read0,
      -- Femto-dollars per task, whole at every step.
      intDiv(exact0 * 2 + 9 * toInt128(t0), 18 * toInt128(greatest(t0, 1))) AS then_cost, intDiv(exact1 * 2 + 9 * toInt128(t1), 18 * toInt128(greatest(t1, 1))) AS now_cost,
      arrayMap(level -> toInt128(round(level / 9 / greatest(t1, 1))), [n1 * toFloat64(exact0) / greatest(n0, 1), sumIf(mixed, NOT is_count), sum(split_then), sum(split_now)]) AS between,
      arrayConcat([then_cost], between, [now_cost]) AS costs,
      arraySort(pair -> -abs(pair.2), arrayMap((name, position) -> (name, costs[position + 1] - costs[position]), ['calls per task', 'model mix', 'tokens per call', 'cache hit rate', 'price'], [1, 2, 3, 4, 5])) AS effects
    FROM measured
  )
SELECT effect.1 AS driver, if(is_comparable, reinterpret(effect.2, 'Decimal(38, 15)'), NULL) AS effect_usd,
  if(is_comparable AND now_cost != then_cost, toFloat64(effect.2) / toFloat64(now_cost - then_cost), NULL) AS share_of_change, toUInt64(rank) AS rank,
  if(t1 > 0, reinterpret(now_cost, 'Decimal(38, 15)'), NULL) AS cost_per_task_now, if(t0 > 0, reinterpret(then_cost, 'Decimal(38, 15)'), NULL) AS cost_per_task_then,
  toUInt64(t1) AS tasks_now, toUInt64(t0) AS tasks_then, if(t1 > 0, n1 / t1, NULL) AS calls_per_task_now, if(t0 > 0, n0 / t0, NULL) AS calls_per_task_then,
  if(n1 > 0, all_tokens1 / n1, NULL) AS tokens_per_call_now, if(n0 > 0, all_tokens0 / n0, NULL) AS tokens_per_call_then,
  if(all_input1 > 0, all_read1 / all_input1, NULL) AS cache_hit_rate_now, if(all_input0 > 0, all_read0 / all_input0, NULL) AS cache_hit_rate_then,
  toUInt64(unpriced) AS unpriced_tasks
FROM steps ARRAY JOIN effects AS effect, [1, 2, 3, 4, 5] AS rank
ORDER BY rank
