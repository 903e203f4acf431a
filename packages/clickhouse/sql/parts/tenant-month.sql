-- Tenants in the month of as_of so far and in the 30 days before it, with what their contracts bring.
{{part:tenant-facts}},
  income AS (
    SELECT scope AS tenant, argMax(amount, loaded_at) AS amount
    FROM {{db}}.revenue WHERE scope_kind = 'tenant' AND month = toDate(month_from) AND currency = 'USD' GROUP BY scope
  ),
  counted AS (
    SELECT subject, price_slot >= month_from AS in_month, price_slot >= days_from AS in_days, input_tokens, output_tokens, {{counters}}
    FROM {{all:tenant_counters}}
    WHERE price_slot >= toStartOfInterval(least(month_from, days_from), INTERVAL 30 MINUTE) AND price_slot < as_of_or_now AND {{filters:tenants features tiers models}}
  ),
  per_tenant AS (
    SELECT tenant, sumIf(calls, in_month) AS month_calls, sumIf(charges, in_month) AS month_charges, sumIf(charges, in_month AND unpriced) AS month_unpriced, sumIf(femto9, in_month) AS month_cost,
      sumIf(femto9, in_month AND subject = 'account') AS account_cost,
      sumIf(charges, in_days) AS days_charges, sumIf(charges, in_days AND unpriced) AS days_unpriced, sumIf(femto9, in_days) AS days_cost, sumIf({{effective_tokens}}, in_days) AS days_effective
    FROM {{priced:counted}} GROUP BY tenant HAVING month_charges > 0 OR days_charges > 0
  ),
  joined AS (
    SELECT toString(per_tenant.tenant) AS tenant, month_calls, month_charges, month_unpriced, month_cost, account_cost, days_charges, days_unpriced, days_cost, days_effective, tenant_fact,
      -- In femto-dollars, rounded down.
      if(income.tenant = '', NULL, toInt128(intDiv(toInt256(reinterpret(income.amount, 'Int128')) * (toUnixTimestamp(as_of_or_now) - toUnixTimestamp(month_from)), toUnixTimestamp(addMonths(month_from, 1)) - toUnixTimestamp(month_from)))) AS revenue,
      if(revenue > 0 AND NOT (month_charges > 0 AND month_charges = month_unpriced), 1 - toFloat64(month_cost) / 9 / toFloat64(revenue), NULL) AS margin
    FROM per_tenant LEFT JOIN tenant_facts ON per_tenant.tenant = tenant_facts.tenant LEFT JOIN income ON per_tenant.tenant = income.tenant
  ),
  segmented AS (
    SELECT *, transform({{band:gross_margin:margin}}, ['ok', 'watch', 'act'], ['healthy', 'power', 'runaway'], 'unknown') AS segment FROM joined
  )
