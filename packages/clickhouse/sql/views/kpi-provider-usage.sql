-- What does one provider bill us for, by our own count? One row per UTC day, model, tier, meter and unit price.
-- Beside the net quantity stands how much of it, at most, could explain another figure of the provider. Calls in
-- quarantine are no part of the ledger: their units have rows without quantity and price.
CREATE OR REPLACE VIEW {{db}}.kpi_provider_usage {{on_cluster}} AS
WITH
  toUInt64(86400000000000) AS day_ns,
  -- What the clock of a sender may be off, and so a call around midnight.
  toUInt64(300000000000) AS margin_ns,
  names AS (SELECT sku, any(provider) AS provider, any(model) AS model, any(tier) AS tier FROM {{all:skus}} GROUP BY sku),
  {{range}},
  entries AS (SELECT * FROM {{all:calls}} WHERE {{in_range}}),
  -- One response is billed once: of several open charges for it, the first one stands. A digest finds the few that can
  -- be meant; two responses that share one fall apart again where they are grouped by name.
  repeated AS (
    SELECT cityHash64(price_provider, response_id, part) AS digest FROM entries WHERE response_id != ''
    GROUP BY digest HAVING sum(sign) > 1
  ),
  open_repeated AS (
    SELECT price_provider, response_id, part, min(time) AS started, anyIf(entry_id, sign > 0) AS charge
    FROM entries WHERE response_id != '' AND cityHash64(price_provider, response_id, part) IN (SELECT digest FROM repeated)
    GROUP BY price_provider, response_id, part, authority, trace_id, span_id, seq HAVING sum(sign) > 0
  ),
  repeats AS (
    SELECT arrayJoin(arraySlice(arraySort(groupArray((started, charge))), 2)).2 AS charge FROM open_repeated
    GROUP BY price_provider, response_id, part
  ),
  marked AS (
    SELECT *,
      service_tier = '' AND batch = 0 AND speed = '' AS no_tier,
      sign > 0 AND entry_id IN (SELECT charge FROM repeats) AS is_repeat,
      attempt > 1 OR usage_status = 'estimated' AS is_doubtful,
      usage_status IN ('absent', 'partial', 'conflict') AND overage_action != 'denied' AS is_incomplete,
      toUInt64(toUnixTimestamp64Nano(time)) % day_ns AS ns_of_day,
      ns_of_day + greatest(least(duration_ns, day_ns), margin_ns) >= day_ns AS may_be_next_day,
      ns_of_day < margin_ns AS may_be_previous_day
    FROM entries
  ),
  grouped AS (
    SELECT sku, {{price_key}} AS price_key, price_slot, usage_bits, no_tier, is_repeat, is_doubtful, is_incomplete, may_be_next_day, may_be_previous_day,
{{signed_counters}}
    FROM marked
    GROUP BY sku, price_key, price_slot, usage_bits, no_tier, is_repeat, is_doubtful, is_incomplete, may_be_next_day, may_be_previous_day
  ),
  -- A pair without a name carries the number of calls, which is of no meter.
  metered AS (
    SELECT sku, price_key, price_slot, '' AS sent_provider, '' AS sent_model, pair.1 AS meter,
      if(meter = '' OR usage_bits >= 1073741824, NULL, {{price_of_meter:}}) AS price_femto9,
      if(meter = '', 0, pair.2) AS net, toInt64(0) AS refused, toInt64(if(meter = '', pair.2, 0)) AS net_calls,
      no_tier, is_repeat, is_doubtful, is_incomplete, may_be_next_day, may_be_previous_day
    FROM (SELECT *, dictGet('{{db}}.price_windows', 'vector', price_key, price_slot) AS vector FROM grouped) ARRAY JOIN arrayConcat(if(calls = 0, [], [('', toInt64(calls))]), {{meter_pairs}}) AS pair
    UNION ALL
    SELECT sku, {{price_key}}, price_slot, toString(provider), toString(model), meter, NULL, 0, sign * toInt64(units), 0, 0, 0, 0, 0, 0, 0
    FROM {{all:quarantine}} ARRAY JOIN mapKeys(meters) AS meter, mapValues(meters) AS units
    WHERE reason = 'missing_attribution' AND {{in_range}}
  ),
  named AS (
    SELECT metered.*, dictGet('{{db}}.price_windows', ('provider', 'model', 'tier'), price_key, price_slot) AS meaning,
      toString(names.provider) AS seen_provider, toString(names.model) AS seen_model, toString(names.tier) AS seen_tier
    FROM metered LEFT JOIN names ON metered.sku = names.sku
  ),
  placed AS (
    SELECT *,
      multiIf(meaning.1 != '', meaning.1, seen_provider != '', seen_provider, sent_provider) AS biller,
      multiIf(meaning.2 != '', meaning.2, seen_model != '', seen_model, sent_model) AS placed_model,
      meaning.3 AS placed_tier, if(meaning.3 = '', seen_tier, '') AS sent_tier
    FROM named
  ),
  rolled AS (
    SELECT toDate(price_slot) AS day, placed_model, placed_tier, sent_tier, meter, price_femto9,
      sum(net) AS quantity, sumIf(net, no_tier) AS tier_assumed, sumIf(net, is_repeat) AS double_counted, sum(refused) AS unsettled,
      sumIf(net, is_doubtful) AS doubtful, sumIf(net, NOT is_incomplete) AS complete_quantity,
      sumIf(net, may_be_next_day) AS next_day, sumIf(net, may_be_previous_day) AS previous_day,
      sumIf(net_calls, is_incomplete) AS incomplete_calls, sumIf(net_calls, NOT is_incomplete) AS complete_calls
    FROM placed WHERE biller = {provider:String}
    GROUP BY day, placed_model, placed_tier, sent_tier, meter, price_femto9
  ),
  compared AS (
    SELECT *,
      sum(incomplete_calls) OVER (PARTITION BY day, placed_model, placed_tier, sent_tier) AS incomplete,
      sum(complete_calls) OVER (PARTITION BY day, placed_model, placed_tier, sent_tier) AS complete
    FROM rolled
  )
SELECT day, placed_model AS model, placed_tier AS tier, sent_tier AS tier_as_sent, toString(meter) AS meter,
  toInt64(quantity) AS quantity,
  toInt64(intDiv(price_femto9, 9)) AS fusd, toUInt8(ifNull(price_femto9 % 9, 0)) AS ninths,
  toInt64(tier_assumed) AS tier_assumed, toInt64(double_counted) AS double_counted, toInt64(unsettled) AS unsettled,
  greatest(toInt64(doubtful), toInt64(if(complete <= 0, 0, intDiv(toInt128(complete_quantity) * incomplete + complete - 1, if(complete <= 0, 1, complete))))) AS retries_or_aborts,
  toInt64(next_day) AS next_day, toInt64(previous_day) AS previous_day
FROM compared
WHERE meter != '' AND (quantity != 0 OR unsettled != 0)
ORDER BY day, model, tier, meter, fusd
