/** Which dialect rules the ledger follows, and the traces that new rules have to be applied to. */
import type { ClickHouseClient } from '@clickhouse/client'

interface Source {
  readonly client: ClickHouseClient
  readonly database: string
}

/** Version of the rules that all open traces of a log follow; undefined where nothing was ever settled through it. */
export const readRulesFollowed = async ({ client, database }: Source, walId: string): Promise<string | undefined> => {
  const result = await client.query({
    query: `SELECT rules_version FROM ${database}.rule_derivations
      WHERE wal_id = {walId:String} ORDER BY finished_at DESC LIMIT 1`,
    query_params: { walId },
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ rules_version: string }>()
  return row?.rules_version
}

export interface FollowedRules {
  readonly walId: string
  readonly rulesVersion: string
  readonly finishedAtMs: number
  readonly traces: number
  readonly corrections: number
}

/** Recorded last: a crash before it derives again, which posts nothing where everything follows already. */
export const recordRulesFollowed = async (
  { client, database }: Source,
  { walId, rulesVersion, finishedAtMs, traces, corrections }: FollowedRules,
): Promise<void> => {
  await client.insert({
    table: `${database}.rule_derivations`,
    values: [{ wal_id: walId, rules_version: rulesVersion, finished_at: finishedAtMs, traces, corrections }],
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0 },
  })
}

/** Hours, as Unix seconds in ascending order, in which a log received candidates since an instant. */
export const readEvidenceHours = async (
  { client, database }: Source,
  { walId, sinceMs }: { readonly walId: string; readonly sinceMs: number },
): Promise<readonly number[]> => {
  const result = await client.query({
    query: `SELECT DISTINCT toUnixTimestamp(toStartOfHour(received_at)) AS hour FROM ${database}.spans
      WHERE wal_id = {walId:String} AND received_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC') ORDER BY hour`,
    query_params: { walId, sinceMs },
    format: 'JSONEachRow',
  })
  return (await result.json<{ hour: number }>()).map(({ hour }) => hour)
}

/** Traces of which a log received something in an hour. */
export const readTracesOfHour = async (
  { client, database }: Source,
  { walId, hour }: { readonly walId: string; readonly hour: number },
): Promise<readonly { readonly authority: string; readonly traceId: string }[]> => {
  const result = await client.query({
    query: `SELECT DISTINCT authority, lower(hex(trace_id)) AS trace FROM ${database}.spans
      WHERE wal_id = {walId:String} AND received_at >= toDateTime({hour:UInt32}, 'UTC')
        AND received_at < toDateTime({hour:UInt32} + 3600, 'UTC')`,
    query_params: { walId, hour },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ authority: string; trace: string }>()
  return rows.map(({ authority, trace }) => ({ authority, traceId: trace }))
}
