-- The settled calls of some days as the spans that our own instrumentation sends for them.
WITH
  settled AS (
    SELECT trace_id, span_id, any(time) AS started_at, any(duration_ns) AS duration, any(tenant) AS tenant, any(user) AS user, any(subject) AS subject, any(feature) AS feature,
      any(route) AS route, any(workload) AS workload, any(task) AS task, any(task_type) AS task_type, any(parent_task) AS parent_task, any(session) AS session, any(turn) AS turn,
      any(tool) AS tool, any(agent) AS agent, any(prompt_version) AS prompt_version, any(effort) AS effort, any(tier) AS tier, any(environment) AS environment,
      any(service) AS service, any(leaf) AS leaf, any(attempt) AS attempt, any(outcome) AS outcome, any(provider) AS provider, any(host) AS host,
      any(request_model) AS request_model, any(response_model) AS response_model, any(response_id) AS response_id, any(service_tier) AS service_tier, any(batch) AS batch,
      any(intended_model) AS intended_model, any(overage_pattern) AS overage_pattern, any(overage_action) AS overage_action,
      any(scope_name) AS scope_name, any(scope_version) AS scope_version, max(layer_prompt) AS prompt_layer, max(layer_tool) AS tool_layer, max(layer_memory) AS memory_layer,
      sum(sign * input) AS uncached, sum(sign * input_image) AS images, sum(sign * cache_read) AS reads, sum(sign * cache_write_5m) AS written_5m, sum(sign * cache_write_1h) AS written_1h,
      written_5m + written_1h AS written, sum(sign * input_total) AS input_all, sum(sign * output_total) AS output_all, sum(sign * output_reasoning) AS reasoning,
      sum(sign * units['web_search']) AS searches
    FROM {{calls}}
    WHERE price_slot >= toDateTime({from:UInt32}, 'UTC') AND price_slot < toDateTime({to:UInt32}, 'UTC')
    GROUP BY trace_id, span_id
    HAVING sum(sign * (part = 'main')) > 0
  ),
  spans AS (
    SELECT *, overage_action = 'denied' AS is_denied, lower(hex(sipHash64(trace_id))) AS parent_span,
      if(is_denied, '', multiIf(
        provider = 'anthropic', concat('{"input_tokens":', toString(uncached + images), ',"cache_creation_input_tokens":', toString(written), ',"cache_read_input_tokens":', toString(reads),
          ',"cache_creation":{"ephemeral_5m_input_tokens":', toString(written_5m), ',"ephemeral_1h_input_tokens":', toString(written_1h), '},"output_tokens":', toString(output_all),
          if(searches > 0, concat(',"server_tool_use":{"web_search_requests":', toString(searches), '}'), ''), ',"service_tier":"', if(batch = 1, 'batch', 'standard'), '"}'),
        provider = 'gcp.gemini', concat('{"promptTokenCount":', toString(input_all), ',"cachedContentTokenCount":', toString(reads), ',"candidatesTokenCount":', toString(output_all - reasoning),
          ',"thoughtsTokenCount":', toString(reasoning), ',"totalTokenCount":', toString(input_all + output_all), '}'),
        concat('{"prompt_tokens":', toString(input_all), ',"completion_tokens":', toString(output_all), ',"total_tokens":', toString(input_all + output_all),
          ',"prompt_tokens_details":{"cached_tokens":', toString(reads), ',"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":', toString(reasoning),
          ',"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}'))) AS raw_usage
    FROM settled
  )
SELECT started_at AS Timestamp, lower(hex(trace_id)) AS TraceId, lower(hex(span_id)) AS SpanId, parent_span AS ParentSpanId, concat('chat ', request_model) AS SpanName, 'Client' AS SpanKind,
  service AS ServiceName,
  map('service.name', toString(service), 'deployment.environment.name', toString(environment), 'telemetry.sdk.language', 'nodejs', 'telemetry.sdk.name', 'opentelemetry', 'telemetry.sdk.version', '2.2.0') AS ResourceAttributes,
  toString(scope_name) AS ScopeName, toString(scope_version) AS ScopeVersion,
  CAST(arrayFilter(pair -> pair.2 != '', [
    ('{{OPERATION_NAME}}', 'chat'), ('{{PROVIDER_NAME}}', toString(provider)), ('{{REQUEST_MODEL}}', toString(request_model)),
    ('{{RESPONSE_MODEL}}', if(is_denied, '', toString(response_model))), ('{{RESPONSE_ID}}', response_id), ('{{REQUEST_REASONING_LEVEL}}', toString(effort)),
    ('{{SERVER_ADDRESS}}', toString(host)), ('{{SERVER_PORT}}', '443'), ('{{RESPONSE_SERVICE_TIER}}', toString(service_tier)),
    ('{{TENANT_ID}}', toString(tenant)), ('{{USER_ID}}', user), ('{{SUBJECT}}', if(subject = 'account', 'account', '')), ('{{FEATURE}}', toString(feature)), ('{{WORKLOAD}}', toString(workload)),
    ('{{ROUTE}}', toString(route)), ('{{TASK_ID}}', task), ('{{TASK_TYPE}}', toString(task_type)), ('{{PARENT_TASK_ID}}', parent_task), ('{{SESSION_ID}}', session), ('{{TURN_ID}}', turn),
    ('{{TIER}}', toString(tier)), ('{{TOOL_NAME}}', toString(tool)), ('{{AGENT_NAME}}', toString(agent)), ('{{PROMPT_VERSION}}', toString(prompt_version)),
    ('{{LEAF_ID}}', leaf), ('{{ATTEMPT}}', toString(attempt)), ('{{OUTCOME}}', toString(outcome)), ('{{BATCH}}', if(batch = 1, 'true', '')),
    ('{{LAYER_PROMPT_TOKENS}}', toString(prompt_layer)), ('{{LAYER_TOOL_TOKENS}}', if(tool_layer > 0, toString(tool_layer), '')), ('{{LAYER_MEMORY_TOKENS}}', if(memory_layer > 0, toString(memory_layer), '')),
    ('{{INTENDED_MODEL}}', toString(intended_model)), ('{{OVERAGE_PATTERN}}', toString(overage_pattern)), ('{{OVERAGE_ACTION}}', toString(overage_action)),
    ('{{USAGE_STATUS}}', if(is_denied, 'absent', 'reported')), ('{{USAGE_RAW}}', raw_usage),
    ('{{USAGE_INPUT_TOKENS}}', if(is_denied, '', toString(input_all))), ('{{USAGE_OUTPUT_TOKENS}}', if(is_denied, '', toString(output_all))),
    ('{{USAGE_CACHE_READ_INPUT_TOKENS}}', if(reads > 0, toString(reads), '')), ('{{USAGE_CACHE_WRITE_INPUT_TOKENS}}', if(written > 0, toString(written), '')),
    ('{{USAGE_CACHE_CREATION_INPUT_TOKENS}}', if(written > 0, toString(written), '')), ('{{USAGE_REASONING_OUTPUT_TOKENS}}', if(reasoning > 0, toString(reasoning), '')),
    ('{{USAGE_IMAGE_INPUT_TOKENS}}', if(images > 0, toString(images), ''))
  ]), 'Map(LowCardinality(String), String)') AS SpanAttributes,
  duration AS Duration, if(is_denied, 'Error', 'Unset') AS StatusCode
FROM spans
