/** A ledger, prices and facts as SQL: enough that most views have something to say, at a time that never moves. */

const CALLS = 1_200
const ENDS_AT = "toDateTime64('2025-03-20 12:00:00', 9, 'UTC')"
/** As views take it: Unix seconds. */
export const ENDED_AT = Date.UTC(2025, 2, 20, 12) / 1_000

export const callRows = (database: string): string => `INSERT INTO ${database}.calls (
    entry_id, sign, seq, posted_at, authority, trace_id, span_id, part, time, duration_ns, tenant, user, feature, route,
    workload, task, task_type, session, turn, tool, tier, environment, outcome, provider, price_provider, price_model,
    response_id, sku, intended_sku, intended_model, price_slot, usage_bits, input, output, input_total, output_total,
    layer_prompt, attempt, overage_action, overage_pattern)
  SELECT MD5(toString(number)), 1, 1, ${ENDS_AT}, 'sender', MD5(toString(intDiv(number, 3))), substring(MD5(toString(number)), 1, 8),
    'main', ${ENDS_AT} - INTERVAL (1 + number * 600) SECOND AS at, 1000000000, concat('t', toString(number % 4)),
    concat('u', toString(number % 17)), concat('f', toString(number % 3)), concat('r', toString(number % 2)),
    ['chat', 'agent', 'rag'][1 + number % 3], concat('task', toString(intDiv(number, 4))), 'type',
    concat('s', toString(intDiv(number, 9))), concat('turn', toString(number % 5)), concat('tool', toString(number % 3)),
    concat('tier', toString(number % 2)), 'prod', if(number % 5 = 0, 'success', ''), 'p', 'p', concat('m', toString(number % 3)),
    if(number % 11 = 0, 'again', ''), 1 + number % 3, if(number % 7 = 0, 1, 1 + number % 3), concat('m', toString(if(number % 7 = 0, 0, number % 3))),
    toStartOfInterval(at, INTERVAL 30 MINUTE), 3, 100 + number % 50, 10 + number % 7, 100 + number % 50, 10 + number % 7,
    if(number % 2 = 0, 40, 0), 1 + (number % 6 = 0), if(number % 40 = 0, 'charged', ''), if(number % 40 = 0, 'payg', '')
  FROM numbers(${CALLS})`

export const refusedRows = (database: string): string => `INSERT INTO ${database}.quarantine (
    entry_id, sign, seq, posted_at, reason, missing, authority, trace_id, span_id, part, time, service, provider, model,
    price_region, price_tier, prompt_band, sku, price_slot, usage_bits, meters)
  SELECT MD5(concat('refused', toString(number))), 1, 1, ${ENDS_AT}, 'missing_attribution', ['feature'], 'sender', MD5('refused'),
    substring(MD5(toString(number)), 1, 8), 'main', ${ENDS_AT} - INTERVAL 600 SECOND AS at, 'checkout', 'p', 'm0', '', '', 0, 1,
    toStartOfInterval(at, INTERVAL 30 MINUTE), 3, map('input', 100, 'output', 10)
  FROM numbers(20)`

/** Prices and facts are the same on every server. */
export const factRows = (database: string): readonly string[] => [
  `INSERT INTO ${database}.price_vector_rows (vector, priced_bits, f9_input, f9_output)
    VALUES (11, 4294967295, 900, 4500), (12, 4294967295, 1800, 7000), (13, 0, 0, 0)`,
  ...['current', 'r1'].map(
    (book) => `INSERT INTO ${database}.price_window_rows
        (book, sku, window_from, window_to, state, currency, provider, model, vector)
      SELECT '${book}', number + 1, toDateTime(0), toDateTime(4294967295), 'ok', 'USD', 'p', concat('m', toString(number)),
        ${book === 'current' ? '11 + number' : '12'} FROM numbers(3)`,
  ),
  `INSERT INTO ${database}.tenants (tenant, name, tier, seats, pool_tokens, arr_usd, valid_from, shared_cost_policy)
    SELECT concat('t', toString(number)), 'name', concat('tier', toString(number % 2)), 5, 100000, 1200, toDateTime(0),
      if(number = 1, 'even_split', 'none') FROM numbers(4)`,
  `INSERT INTO ${database}.users (user, tenant, tier, signup_month, seat_price_usd, valid_from)
    SELECT concat('u', toString(number)), concat('t', toString(number % 4)), concat('tier', toString(number % 2)),
      '2025-01-01', 20, toDateTime(0) FROM numbers(17)`,
  `INSERT INTO ${database}.tiers (tier, scope, cap_basis, soft_cap_share, hard_cap_tokens, pattern, valid_from)
    VALUES ('tier0', 'user', 'absolute', 0.8, 5000, 'soft_cap', toDateTime(0)),
      ('tier1', 'workspace', 'per_seat', 0.8, 2000, 'hard_cap', toDateTime(0))`,
  `INSERT INTO ${database}.revenue (month, scope_kind, scope, amount, currency)
    VALUES ('2025-03-01', 'tenant', 't1', 100, 'USD'), ('2025-03-01', 'product', '', 500, 'USD')`,
  `INSERT INTO ${database}.bands (version, band, lower, strict, verdict)
    VALUES ('2025-01-01 00:00:00', 'cost_to_revenue', -1e300, 0, 'ok'), ('2025-01-01 00:00:00', 'cost_to_revenue', 0.1, 0, 'warn')`,
]
