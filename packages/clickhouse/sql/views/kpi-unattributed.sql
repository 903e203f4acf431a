-- What share of calls lacks a required attribute and was quarantined, by attribute or service?
CREATE OR REPLACE VIEW {{db}}.kpi_unattributed {{on_cluster}} AS
WITH
  accepted AS (
    SELECT sum(calls) AS calls FROM {{db}}.tenant_counters
    WHERE price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
  ),
  refused AS (
    SELECT multiIf({by:String} = 'all', ['all'], {by:String} = 'attribute', arrayMap(name -> toString(name), missing), {by:String} = 'service', [toString(service)], [toString(throwIf(1, 'by: want all, attribute or service'))]) AS keys,
      sign, part
    FROM {{db}}.quarantine
    WHERE reason = 'missing_attribution' AND price_slot >= toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AND price_slot < {to_time:DateTime('UTC')}
  ),
  all_refused AS (SELECT sum(sign * (part = 'main')) AS calls FROM refused)
SELECT key, toUInt64(sum(sign * (part = 'main'))) AS calls,
  sum(sign * (part = 'main')) / ((SELECT calls FROM accepted) + (SELECT calls FROM all_refused)) AS calls_share,
  {{band:unattributed:calls_share}} AS band
FROM refused ARRAY JOIN keys AS key
GROUP BY key
HAVING calls > 0
