-- Which ledger entries do the tasks [first, first + count) of the made-up quarter leave? Everything follows from the task's
-- number, so that the same range is the same rows. Log-uniform ranks are Zipf's law with exponent 1.
WITH
  18446744073709551616. AS hashes,
  tasks AS (
    SELECT number AS n,
      least(500, toUInt32(exp(cityHash64(n, 'tenant') / hashes * log(501)))) AS tenant_rank,
      greatest(3, intDiv(4000, tenant_rank)) AS users,
      least(users, toUInt32(exp(cityHash64(n, 'user') / hashes * log(users + 1)))) AS user_rank,
      least(12, toUInt32(exp(cityHash64(n, 'feature') / hashes * log(13)))) AS feature_rank,
      ['support-chat', 'docs-search', 'inbox-agent', 'code-review', 'report-writer', 'sales-coach', 'contract-review', 'onboarding', 'translation', 'data-explorer', 'meeting-notes', 'lab'][feature_rank] AS feature,
      ['chat', 'rag', 'agent', 'agent', 'agent', 'chat', 'rag', 'chat', 'chat', 'agent', 'rag', 'chat'][feature_rank] AS workload,
      (n + cityHash64(n, 'jitter') / hashes) / {tasks:UInt64} * ({days:UInt32} - 0.01) AS day_and_part,
      toUInt32(day_and_part) AS day,
      day_and_part - day AS part_of_day,
      -- Three times as busy at noon as the mean, and never out of order.
      {from_s:UInt32} + 86400 * (day + part_of_day + 0.7 * sin(2 * pi() * part_of_day) / (2 * pi())) AS start_s,
      toDayOfMonth(toDateTime(start_s, 'UTC')) AS day_of_month
    FROM numbers({first:UInt64}, {count:UInt64})
  ),
  people AS (
    SELECT *,
      multiIf(tenant_rank <= 20, 'enterprise', tenant_rank % 3 = 0, 'team', cityHash64(tenant_rank, user_rank, 'tier') % 5 = 0, 'pro', 'free') AS tier,
      cityHash64(n, 'subject') % 100 < 3 AS is_account,
      cityHash64(tenant_rank, user_rank, toMonth(toDateTime(start_s, 'UTC')), 'appetite') % 100 AS appetite,
      multiIf(is_account, '', tier = 'free' AND appetite < 12 AND day_of_month > 22, 'denied',
        tier = 'pro' AND appetite < 30 AND day_of_month > 20, 'degraded',
        tier IN ('team', 'enterprise') AND cityHash64(tenant_rank, 'pool') % 4 = 0 AND day_of_month > 25, 'metered', '') AS action,
      multiIf(action = 'denied', 1,
        workload = 'agent', least(40, 2 + toUInt32(exp(cityHash64(n, 'calls') / hashes * log(39)))),
        workload = 'rag', least(10, 1 + toUInt32(-log(1 - cityHash64(n, 'calls') / hashes * 0.9999) * 1.2)),
        least(8, 1 + toUInt32(-log(1 - cityHash64(n, 'calls') / hashes * 0.9999) * 0.8))) AS calls,
      multiIf(workload = 'agent', {agent:Array(UInt16)}, workload = 'rag', {rag:Array(UInt16)}, {chat:Array(UInt16)}) AS choice,
      choice[1 + cityHash64(n, 'model') % length(choice)] AS wanted_selector,
      multiIf(workload = 'agent', 3000, workload = 'rag', 2500, 250) * exp(2 * cityHash64(n, 'prompt') / hashes)
        * if(workload != 'chat' AND cityHash64(n, 'long') % 100 < 3, 12, 1) AS first_input
    FROM tasks
  ),
  steps AS (
    SELECT *, arrayJoin(range(1, toUInt32(calls) + 1)) AS step,
      cityHash64(n, step, 'random') AS random,
      if(step > 1 AND cityHash64(n, step, 'helper') % 5 = 0, {helper:Array(UInt16)}[1 + random % length({helper:Array(UInt16)})], wanted_selector) AS intended_selector,
      if(action = 'degraded', {budget:Array(UInt16)}[intended_selector + 1], intended_selector) AS selector,
      -- What has no cheaper model is served as asked.
      if(action = 'degraded' AND selector = intended_selector, '', action) AS call_action,
      if(action = 'denied', 0, least(900000, toUInt64(first_input * (1 + 0.15 * (step - 1))))) AS input_total,
      intDiv(toUInt64(start_s * 1e9), 1) + (step - 1) * (2000000000 + random % 9000000000) AS time_ns,
      400000000 + random % 7000000000 AS duration_ns,
      -- An answer that arrived late is corrected; a long conversation is compacted in a part of its own.
      multiIf(random % 200 = 0 AND action != 'denied', [(1, 1, 'main'), (-1, 1, 'main'), (1, 2, 'main')],
        workload = 'agent' AND step % 20 = 0, [(1, 1, 'main'), (1, 1, 'compaction')], [(1, 1, 'main')]) AS entries,
      {band_edges:Array(UInt64)} AS edges,
      toUInt8(arrayMax(arrayMap((edge, index) -> if(input_total > edge, index, 0), edges, range(length(edges))))) AS prompt_band
    FROM people
  ),
  entries AS (
    SELECT steps.*, arrayJoin(entries) AS entry, tupleElement(entry, 1) AS entry_sign, tupleElement(entry, 2) AS entry_seq, tupleElement(entry, 3) AS entry_part,
      served.provider AS provider, served.host AS host, served.model AS model, served.service_tier AS service_tier, served.batch AS batch, served.sku AS sku,
      served.price_provider AS price_provider, served.price_model AS price_model, served.price_region AS price_region, served.price_tier AS price_tier,
      served.cache AS cache, served.reasoning AS reasoning, served.images AS images, served.searches AS searches,
      intended.model AS intended_model_name, intended.sku AS sku_of_intended
    FROM steps
    INNER JOIN {{selectors}} AS served ON served.selector = steps.selector AND served.band = steps.prompt_band
    INNER JOIN {{selectors}} AS intended ON intended.selector = steps.intended_selector AND intended.band = steps.prompt_band
  ),
  metered AS (
    SELECT *,
      if(images > 0 AND workload = 'chat' AND random % 50 = 1, least(input_total, 765), 0) AS meter_input_image,
      if(cache > 0 AND step > 1 AND input_total > 1024, toUInt64((input_total - meter_input_image) * (0.6 + random % 30 / 100)), 0) AS meter_cache_read,
      if(cache > 1 AND workload = 'agent', intDiv(input_total - meter_input_image - meter_cache_read, 2), 0) AS written,
      if(n % 10 = 0, written, 0) AS meter_cache_write_1h,
      written - meter_cache_write_1h AS meter_cache_write_5m,
      input_total - meter_input_image - meter_cache_read - written AS meter_input,
      if(action = 'denied', 0, intDiv(60 + toUInt64(exp(6.5 * (random % 1000 / 1000))), if(length(entries) = 3 AND entry_seq = 1, 2, 1))) AS meter_output,
      if(reasoning > 0 AND random % 3 > 0 AND action != 'denied', 40 + random % 1500, 0) AS meter_output_reasoning,
      if(searches > 0 AND workload = 'rag' AND random % 40 = 0 AND action != 'denied', 1 + random % 3, 0) AS meter_web_search
    FROM entries
  )
SELECT
  sipHash128(n, step, entry_part, entry_seq, entry_sign) AS entry_id, toInt8(entry_sign) AS sign, toUInt32(entry_seq) AS seq,
  if(sign < 0, sipHash128(n, step, entry_part, entry_seq, 1), toFixedString('', 16)) AS reverses,
  if(sign < 0 OR seq > 1, 'late_span', 'settled') AS reason, sipHash128(n, step, entry_part, entry_seq, 'content') AS content_hash,
  fromUnixTimestamp64Milli(toInt64(intDiv(time_ns + duration_ns, 1000000) + if(reason = 'settled', 3000, 240000)), 'UTC') AS posted_at,
  'local' AS authority, sipHash128(n, 'trace') AS trace_id, toFixedString(reinterpret(cityHash64(n, step, 'span'), 'FixedString(8)'), 8) AS span_id, entry_part AS part,
  fromUnixTimestamp64Nano(toInt64(time_ns), 'UTC') AS time, duration_ns, fromUnixTimestamp64Nano(toInt64(time_ns + duration_ns + 150000000), 'UTC') AS received_at,
  concat('tenant-', leftPad(toString(tenant_rank), 3, '0')) AS tenant,
  if(is_account, '', concat('h_', lower(hex(sipHash128(tenant_rank, user_rank, 'a'))), lower(hex(sipHash128(tenant_rank, user_rank, 'b'))))) AS user,
  if(is_account, 'account', 'user') AS subject, feature, multiIf(cityHash64(n, 'route') % 10 < 8, 'default', cityHash64(n, 'route') % 10 = 8, 'fast', 'deep') AS route, workload,
  concat('task-', lower(hex(cityHash64(n, 'task')))) AS task, concat(feature, '-task') AS task_type,
  -- One agent task in ten was fanned out by an earlier one.
  if(workload = 'agent' AND cityHash64(n, 'parent') % 10 = 0 AND n > 3, concat('task-', lower(hex(cityHash64(n - 1 - n % 3, 'task')))), '') AS parent_task,
  -- What a user starts within an hour is one session; runs of an account have none.
  if(is_account, '', concat('session-', lower(hex(cityHash64(tenant_rank, user_rank, intDiv(toUInt64(start_s), 3600)))))) AS session,
  -- A turn of a chat is one call, a turn of an agent two.
  concat('turn-', lower(hex(cityHash64(n, 'turn', if(workload = 'agent', intDiv(step - 1, 2), step))))) AS turn,
  if(workload = 'agent' AND step > 1, ['search', 'read_file', 'write_file', 'run_query', 'send_mail', 'calendar', 'browser', 'calculator'][least(8, toUInt32(exp(cityHash64(n, step, 'tool') / hashes * log(9))))], '') AS tool,
  if(workload = 'agent', concat(feature, '-agent'), '') AS agent, -- A new version every month; one task in ten still runs the one before.
  concat('v', toString(2 + intDiv(day, 30) + feature_rank % 3 - (cityHash64(n, 'rollout') % 10 = 0))) AS prompt_version,
  ['', 'low', 'medium', 'high'][1 + feature_rank % 4] AS effort, tier,
  multiIf(cityHash64(n, 'environment') % 100 < 94, 'production', cityHash64(n, 'environment') % 100 < 98, 'staging', 'development') AS environment,
  concat('service-', toString(feature_rank % 4)) AS service, lower(hex(span_id)) AS leaf, toUInt16(multiIf(random % 330 = 0, 3, random % 33 = 0, 2, 1)) AS attempt,
  if(step = calls AND cityHash64(n, 'outcome') % 100 < 87, 'success', '') AS outcome,
  provider, host, model AS request_model, model AS response_model, if(action = 'denied', '', concat('resp_', lower(hex(sipHash128(n, step, 'response'))))) AS response_id,
  service_tier, batch, price_provider, price_model, price_region, price_tier, prompt_band, sku, toStartOfInterval(toDateTime(time, 'UTC'), INTERVAL 30 MINUTE) AS price_slot,
  {{usage_bits}} AS usage_bits,
  meter_input AS input, meter_input_image AS input_image, meter_cache_read AS cache_read, meter_cache_write_5m AS cache_write_5m, meter_cache_write_1h AS cache_write_1h,
  meter_output AS output, meter_output_reasoning AS output_reasoning,
  if(meter_web_search > 0, map('web_search', toUInt64(meter_web_search)), CAST(map(), 'Map(String, UInt64)')) AS units,
  input_total, output + output_reasoning AS output_total, toUInt64(input_total * 0.15) AS layer_prompt, if(tool = '', 0, toUInt64(input_total * 0.3)) AS layer_tool, multiIf(workload = 'rag', toUInt64(input_total * 0.5), workload = 'agent', toUInt64(input_total * 0.1), 0) AS layer_memory,
  if(call_action = 'degraded', intended_model_name, '') AS intended_model, if(call_action = 'degraded', sku_of_intended, sku) AS intended_sku,
  transform(call_action, ['denied', 'degraded', 'metered'], ['hard_cap', 'soft_cap', 'payg'], '') AS overage_pattern, call_action AS overage_action,
  'reported' AS usage_status, 'reported' AS cache_split, 'raw' AS inclusion, 'leaf' AS billable_reason,
  '@outlay/instrumentation' AS scope_name, '0.1.0' AS scope_version, 'outlay@1' AS rule_id, '1' AS rules_version, 'bench' AS wal_id, intDiv(n, 400) AS unit, step AS pos
FROM metered
