-- What was spent per UTC day in each currency of the price sheets, exact, and in one currency at the rate of that day?
-- The rate is the one of the day or the last one before it; quoted the other way round it is inverted exactly.
CREATE OR REPLACE VIEW {{db}}.kpi_spend_by_currency {{on_cluster}} AS
WITH
  {{range}},
  counted AS (
    SELECT toDate(price_slot) AS day, {{counters}} FROM {{all:tenant_counters}} WHERE {{in_range}} AND {{filters:tenants}}
  ),
  -- Sheets that are not in dollars have no price among the others (vector 0), and their own under another key.
  placed AS (
    SELECT *, dictGet('{{db}}.price_windows', 'vector', {{price_key}}, price_slot) AS dollar_vector,
      if(dollar_vector = 0, dictGet('{{db}}.price_windows', 'vector', {{own_price_key}}, price_slot), dollar_vector) AS vector,
      toFixedString(if(dollar_vector = 0, dictGet('{{db}}.price_windows', 'currency', {{own_price_key}}, price_slot), ''), 3) AS code
    FROM counted
  ),
  amounts AS (
    SELECT day, if(toString(code) = '', 'USD', toString(code)) AS of_currency, femto9, calls, charges, unpriced FROM {{priced_sums:placed | day, code}}
  ),
  lines AS (
    SELECT day, of_currency, sum(femto9) AS femto9, sum(amounts.calls) AS calls, sumIf(charges, unpriced) AS unpriced_calls
    FROM amounts GROUP BY day, of_currency HAVING sum(charges) != 0
  ),
  rates AS (
    SELECT toString(base) AS base, toString(quote) AS quote, day AS rate_day, argMax(reinterpret(rate, 'Int64'), loaded_at) AS nanos, toString(argMax(source, loaded_at)) AS source
    FROM {{db}}.fx_rates GROUP BY base, quote, rate_day
  ),
  both_ways AS (
    SELECT base AS of_currency, rate_day, (toInt256(nanos), toInt256(1000000000), nanos, concat(base, quote), source) AS fx FROM rates WHERE quote = {currency:String}
    UNION ALL
    SELECT quote AS of_currency, rate_day, (toInt256(1000000000), toInt256(nanos), nanos, concat(base, quote), source) AS fx FROM rates WHERE base = {currency:String}
  ),
  usable AS (SELECT of_currency, rate_day, min(fx) AS fx FROM both_ways GROUP BY of_currency, rate_day),
  converted AS (
    SELECT lines.day AS day, lines.of_currency AS of_currency, lines.femto9 AS femto9, lines.calls AS calls, lines.unpriced_calls AS unpriced_calls,
      lines.of_currency = {currency:String} AS same, usable.rate_day AS rate_day, usable.fx AS fx,
      if(same, toInt256(1), fx.1) * toInt256(abs(lines.femto9)) AS numerator, if(same, toInt256(9), greatest(fx.2, toInt256(1)) * 9) AS denominator
    FROM lines ASOF LEFT JOIN usable ON lines.of_currency = usable.of_currency AND lines.day >= usable.rate_day
  ),
  rounded AS (
    SELECT *, intDiv(numerator, denominator) AS whole, (numerator - whole * denominator) * 2 AS twice
    FROM converted
  )
SELECT toString(day) AS day, of_currency AS currency, {{usd:femto9}} AS amount,
  if(same OR fx.3 = 0, NULL, reinterpret(fx.3, 'Decimal(18, 9)')) AS rate, if(same OR fx.3 = 0, '', fx.4) AS rate_pair,
  if(same OR fx.3 = 0, '', toString(rate_day)) AS rate_day, if(same OR fx.3 = 0, '', fx.5) AS rate_source,
  if(NOT same AND fx.3 = 0, NULL, reinterpret(toInt128(sign(femto9) * (whole + if(twice > denominator OR (twice = denominator AND whole % 2 = 1), 1, 0))), 'Decimal(38, 15)')) AS converted,
  toUInt64(calls) AS calls, toUInt64(unpriced_calls) AS unpriced_calls
FROM rounded
ORDER BY day, currency
