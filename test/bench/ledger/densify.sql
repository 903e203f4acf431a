-- The entries of a ledger once more, as further calls on the same dimensions: other ids, other lengths of answers, and
-- one reasoning call in three without reasoning. Sku, slot and every dimension stay.
SELECT * EXCEPT (draw, is_plain, more_output, less_reasoning) REPLACE (
  sipHash128(entry_id, {copy:UInt8}) AS entry_id,
  if(sign < 0, sipHash128(reverses, {copy:UInt8}), reverses) AS reverses,
  sipHash128(content_hash, {copy:UInt8}) AS content_hash,
  sipHash128(trace_id, {copy:UInt8}) AS trace_id,
  if(response_id = '', '', concat(response_id, '_', toString({copy:UInt8}))) AS response_id,
  output + more_output AS output,
  output_reasoning - less_reasoning AS output_reasoning,
  output_total + more_output - less_reasoning AS output_total,
  if(is_plain, bitAnd(usage_bits, bitNot(toUInt32({reasoning_bit:UInt32}))), usage_bits) AS usage_bits
)
FROM (
  SELECT *,
    cityHash64(trace_id, span_id, part, {copy:UInt8}) AS draw,
    output > 0 AND output_reasoning > 0 AND draw % 3 = 0 AS is_plain,
    if(output > 0, draw % 50, 0) AS more_output,
    if(is_plain, output_reasoning, 0) AS less_reasoning
  FROM {{from}}
  WHERE cityHash64(tenant, task) % {chunks:UInt32} = {chunk:UInt32}
)
