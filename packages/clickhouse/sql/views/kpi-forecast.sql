-- What will the month cost? Weekday means of the last 28 full days with their trend, and how far days were from it.
CREATE OR REPLACE VIEW {{db}}.kpi_forecast {{on_cluster}} AS
WITH
  {{month}},
  toDate(as_of_or_now - 1) AS today,
{{part:utilization all-tiers}},
  past AS (
    SELECT toDate(price_slot) AS day, {{counters}} FROM {{all:tenant_counters}}
    WHERE price_slot >= toDateTime(least(toDate(month_from), today - 28), 'UTC') AND price_slot < toDateTime(today, 'UTC') AND {{filters:tenants}}
  ),
  daily AS (SELECT day, sum(charges) AS day_charges, sumIf(charges, unpriced) AS day_unpriced, sum(femto9) AS day_cost FROM {{priced_groups:past | day}} GROUP BY day),
  history AS (
    SELECT (SELECT min(day) FROM {{all:budget_counters}} WHERE {{filters:tenants}}) AS first_day,
      arrayMap(offset -> today - 28 + offset, range(28)) AS days, CAST((groupArray(day), groupArray(toFloat64(day_cost) / 9)), 'Map(Date, Float64)') AS cost_of,
      arrayMap(past_day -> cost_of[past_day], days) AS costs, (arraySum(arraySlice(costs, 15, 14)) - arraySum(arraySlice(costs, 1, 14))) / 14 / 14 AS trend,
      -- By position in the week that ends yesterday: days 0, 7, 14 and 21 of the 28 are the same weekday.
      arrayMap(weekday -> (costs[weekday + 1] + costs[weekday + 8] + costs[weekday + 15] + costs[weekday + 22]) / 4, range(7)) AS means,
      arrayMap(offset -> costs[offset + 1] - greatest(0., means[offset % 7 + 1] + trend * (offset - 13.5)), range(28)) AS rest,
      sqrt(arraySum(x -> x * x, rest) / 28 - pow(arraySum(rest) / 28, 2)) AS deviation,
      sumIf(day_cost, day >= toDate(month_from)) AS spent, sumIf(day_charges, day >= toDate(month_from)) AS charges, sumIf(day_unpriced, day >= toDate(month_from)) AS unpriced_calls
    FROM daily
  ),
  budgets AS (SELECT sumOrNull(budget) AS budget_usd FROM capped),
  shown AS (
    SELECT *, first_day <= today - 28 AND first_day > toDate(0) AS is_known,
      greatest(0., means[(toUInt32(day - today) + 28) % 7 + 1] + trend * (toInt32(day - today) + 28 - 13.5)) AS expected
    FROM (SELECT *, arrayJoin(arrayMap(offset -> today + offset, range(toUInt32(toLastDayOfMonth(month_from) - today + 1)))) AS day FROM history CROSS JOIN budgets)
  )
SELECT toDateTime(day, 'UTC') AS time,
  if(is_known, reinterpret(toInt128(round(expected)), 'Decimal(38, 15)'), NULL) AS expected_usd,
  if(is_known, reinterpret(toInt128(round(greatest(0., expected - 1.96 * deviation))), 'Decimal(38, 15)'), NULL) AS low_usd,
  if(is_known, reinterpret(toInt128(round(expected + 1.96 * deviation)), 'Decimal(38, 15)'), NULL) AS high_usd,
  {{usd:spent}} AS spent_usd, budget_usd, toUInt64(unpriced_calls) AS unpriced_calls, if(charges = 0, NULL, 1 - unpriced_calls / charges) AS priced_share
FROM shown
ORDER BY time
