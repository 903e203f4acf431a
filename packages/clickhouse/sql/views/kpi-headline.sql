-- One row: spend in the window, month to date, coverage, attribution, lag, budget actions of the day.
CREATE OR REPLACE VIEW {{db}}.kpi_headline {{on_cluster}} AS
WITH
  {{range}},
  toStartOfMonth(to_or_now - 1)::DateTime('UTC') AS month_from,
  counted AS (
    SELECT price_slot >= from_slot AS in_range, price_slot >= month_from AS in_month, {{counters}} FROM {{all:tenant_counters}}
    WHERE price_slot >= least(month_from, from_slot) AND price_slot < {to_time:DateTime('UTC')}
  ),
  totals AS (
    SELECT sumIf(femto9, in_range) AS spend, sumIf(femto9, in_month) AS month, sumIf(calls, in_range) AS net_calls,
      sumIf(charges, in_range) AS net_charges, sumIf(charges, in_range AND unpriced) AS net_unpriced
    FROM {{priced_groups:counted | in_range, in_month}}
  ),
  refused AS (
    SELECT sum(sign * (part = 'main')) AS refused_calls FROM {{all:quarantine}}
    WHERE reason = 'missing_attribution' AND {{in_range}}
  ),
  lag AS (
    SELECT quantileExactOrNull(0.99)(toUnixTimestamp64Milli(posted_at) / 1000. - toUnixTimestamp64Nano(received_at) / 1e9) AS p99
    FROM {{all:calls}} WHERE posted_at >= {from_time:DateTime('UTC')} AND posted_at < {to_time:DateTime('UTC')} AND sign = 1
  ),
  actions AS (
    SELECT sum(calls) AS action_calls FROM {{all:overage_counters}}
    WHERE day = toDate(to_or_now - 1) AND action IN ('denied', 'degraded', 'metered') AND price_slot < {to_time:DateTime('UTC')}
  ),
  shown AS (
    SELECT *, if(net_charges = 0, NULL, 1 - net_unpriced / net_charges) AS priced_share,
      if(net_calls + refused_calls = 0, NULL, refused_calls / (net_calls + refused_calls)) AS unattributed_share
    FROM totals CROSS JOIN refused CROSS JOIN lag CROSS JOIN actions
  )
SELECT if(net_charges > 0 AND net_unpriced = net_charges, NULL, {{usd:spend}}) AS spend_usd, {{usd:month}} AS month_usd,
  toUInt64(net_calls) AS calls, toUInt64(net_unpriced) AS unpriced_calls,
  priced_share, {{band:priced:priced_share}} AS priced_share_band,
  toUInt64(refused_calls) AS unattributed_calls, unattributed_share, {{band:unattributed:unattributed_share}} AS unattributed_share_band,
  p99 AS ingest_lag_p99_s, {{band:lag_s:p99}} AS ingest_lag_p99_s_band, toUInt64(action_calls) AS budget_actions_today
FROM shown
