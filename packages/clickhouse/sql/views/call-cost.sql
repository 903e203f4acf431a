-- What did each ledger entry cost? The reference: the sum over calls equals every KPI total to the femto-dollar.
CREATE OR REPLACE VIEW {{db}}.call_cost {{on_cluster}} AS
WITH
  entries AS (
    SELECT entry_id, sign, trace_id, span_id, part, time, user, feature, task, price_provider, price_model, tenant, sku, price_slot, usage_bits, {{price_key}} AS price_key, {{counters_of_call}}
    FROM {{all:calls}}
    WHERE price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')} AND {{filters:tenants}}
  ),
  priced AS (
    SELECT *, arrayFilter((meter, bit) -> bitTest(usage_bits, bit) AND isNull({{price_of_meter:}}), [{{meter_list}}], range(length([{{meter_list}}]))) AS missing
    FROM {{priced:entries}}
  )
SELECT
  lower(hex(entry_id)) AS entry_id, sign, lower(hex(trace_id)) AS trace_id, lower(hex(span_id)) AS span_id,
  toString(part) AS part, time, toString(tenant) AS tenant, user, toString(feature) AS feature, task,
  toString(price_provider) AS provider, toString(price_model) AS model, sku, price_slot, usage_bits,
  multiIf(
    bitTest(usage_bits, 30), 'invalid_usage',
    bitTest(usage_bits, 31), 'no_usage',
    usage_bits = 0, 'priced',
    empty(missing), 'priced',
    dictGet('{{db}}.price_windows', 'state', price_key, price_slot) != 'ok',
      dictGet('{{db}}.price_windows', 'state', price_key, price_slot),
    length(missing) = bitCount(usage_bits), 'unpriced_meter', 'partial') AS cost_status,
  missing,
  if(unpriced, NULL, sign * femto9) AS cost_femto9,
  if(unpriced, NULL, {{usd:sign * femto9}}) AS cost_usd,
  {{usd:sign * femto9}} AS priced_subtotal_usd,
  sign * femto9 AS subtotal_femto9
FROM priced
