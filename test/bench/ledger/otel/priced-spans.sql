-- Spans with their price, as people write it: counters out of the attribute maps, list price by model and time.
  spans AS (
    SELECT Timestamp AS time, SpanAttributes['outlay.tenant.id'] AS tenant, SpanAttributes['outlay.feature'] AS feature, SpanAttributes['outlay.task.id'] AS task,
      if(SpanAttributes['gen_ai.response.model'] != '', SpanAttributes['gen_ai.response.model'], SpanAttributes['gen_ai.request.model']) AS model,
      toInt64OrZero(SpanAttributes['gen_ai.usage.input_tokens']) AS input, toInt64OrZero(SpanAttributes['gen_ai.usage.cache_read.input_tokens']) AS cache_read,
      toInt64OrZero(SpanAttributes['gen_ai.usage.cache_creation.input_tokens']) AS cache_write, toInt64OrZero(SpanAttributes['gen_ai.usage.output_tokens']) AS output
    FROM {{db}}.otel_traces
    WHERE Timestamp >= toDateTime({from:UInt32}, 'UTC') AND Timestamp < toDateTime({to:UInt32}, 'UTC') AND SpanAttributes['gen_ai.operation.name'] = 'chat'
  ),
  priced AS (
    SELECT tenant, feature, task, spans.model AS model, input, output,
      (input - cache_read - cache_write) * prices.input_usd + cache_read * prices.cache_read_usd + cache_write * prices.cache_write_usd + output * prices.output_usd AS cost
    FROM spans ASOF LEFT JOIN {{db}}.list_prices AS prices ON spans.model = prices.model AND spans.time >= prices.valid_from
  )
