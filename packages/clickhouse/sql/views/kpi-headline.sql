-- One row: spend in the window, month to date, coverage, attribution, lag, budget actions of the day.
CREATE OR REPLACE VIEW {{db}}.kpi_headline {{on_cluster}} AS
WITH
  toStartOfMonth({to_time:DateTime('UTC')} - 1)::DateTime('UTC') AS month_from,
  grouped AS (
    SELECT {{price_key}} AS price_key, {{price_window}} AS price_window, usage_bits,
      price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AS in_window, price_slot >= month_from AS in_month, sum(calls) AS calls, {{sum_meters}}
    FROM {{db}}.tenant_counters
    WHERE price_slot >= toStartOfInterval(least(month_from, {from_time:DateTime('UTC')}), INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
    GROUP BY price_key, price_window, usage_bits, in_window, in_month
  ),
  priced AS (SELECT * FROM {{priced:grouped}}),
  totals AS (
    SELECT sumIf(femto9, in_window) AS spend, sumIf(femto9, in_month) AS month, sumIf(priced.calls, in_window) AS calls,
      sumIf(priced.calls, in_window AND unpriced) AS unpriced_calls
    FROM priced
  ),
  refused AS (
    SELECT sum(sign * (part = 'main')) AS calls FROM {{db}}.quarantine
    WHERE reason = 'missing_attribution' AND price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
  ),
  lag AS (
    SELECT quantileExactOrNull(0.99)(toUnixTimestamp64Milli(posted_at) / 1000. - toUnixTimestamp64Nano(received_at) / 1e9) AS p99
    FROM {{db}}.calls WHERE posted_at >= {from_time:DateTime('UTC')} AND posted_at < {to_time:DateTime('UTC')} AND sign = 1
  ),
  actions AS (
    SELECT sum(overage_counters.calls) AS calls FROM {{db}}.overage_counters
    WHERE day = toDate({to_time:DateTime('UTC')} - 1) AND action IN ('denied', 'degraded', 'metered') AND price_slot < {to_time:DateTime('UTC')}
  )
SELECT if(calls > 0 AND unpriced_calls = calls, NULL, {{usd:spend}}) AS spend_usd, {{usd:month}} AS month_usd,
  toUInt64(calls) AS calls, toUInt64(unpriced_calls) AS unpriced_calls,
  if(calls = 0, NULL, 1 - unpriced_calls / calls) AS priced_share, {{band:priced:priced_share}} AS priced_share_band,
  toUInt64((SELECT calls FROM refused)) AS unattributed_calls,
  if(calls + (SELECT calls FROM refused) = 0, NULL, (SELECT calls FROM refused) / (calls + (SELECT calls FROM refused))) AS unattributed_share,
  {{band:unattributed:unattributed_share}} AS unattributed_share_band,
  (SELECT p99 FROM lag) AS ingest_lag_p99_s, toUInt64((SELECT calls FROM actions)) AS budget_actions_today
FROM totals
