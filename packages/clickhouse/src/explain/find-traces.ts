/** Where a span id or a task id stands in the ledger: ids come from senders, and several may have chosen the same. */
import type { ClickHouseClient } from '@clickhouse/client'
import { assertIdentifier } from '#src/schema/render-sql.ts'
import { readWhole } from '#src/schema/stored-form.ts'

export interface SpanPlace {
  readonly authority: string
  /** Lower-case hex. */
  readonly traceId: string
}

export interface SpanQuestion {
  /** Lower-case hex; validated by the caller. */
  readonly spanId: string
  readonly traceId?: string
  readonly authority?: string
}

const SPAN_TABLES = ['spans', 'calls', 'quarantine'] as const

/** Every trace with such a span, as evidence or as an entry: evidence is forgotten earlier than the ledger. Of a cluster, on this shard: all of a trace is read there. */
export const findTracesOfSpan = async (
  client: ClickHouseClient,
  database: string,
  { spanId, traceId, authority }: SpanQuestion,
): Promise<readonly SpanPlace[]> => {
  assertIdentifier(database, 'database')
  const where = [
    'span_id = unhex({spanId:String})',
    ...(traceId === undefined ? [] : ['trace_id = unhex({traceId:String})']),
    ...(authority === undefined ? [] : ['authority = {authority:String}']),
  ].join(' AND ')
  const tables = SPAN_TABLES.map(
    (table) => `SELECT toString(authority) AS authority, trace_id FROM ${database}.${table} WHERE ${where}`,
  )
  const result = await client.query({
    query: `SELECT DISTINCT authority, lower(hex(trace_id)) AS trace FROM (${tables.join(' UNION ALL ')}) ORDER BY trace, authority`,
    query_params: { spanId, traceId, authority },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ readonly authority: string; readonly trace: string }>()
  return rows.map(({ authority: of, trace }) => ({ authority: of, traceId: trace }))
}

export interface TaskPlace {
  readonly tenant: string
  /** Charges and reversals. */
  readonly entries: number
}

/** The tenants with a task of that id: a task is named by its tenant and its id. */
export const findTenantsOfTask = async (
  client: ClickHouseClient,
  database: string,
  { task, tenant }: { readonly task: string; readonly tenant?: string },
): Promise<readonly TaskPlace[]> => {
  assertIdentifier(database, 'database')
  const whole = await readWhole(client, database)
  const ofTenant = tenant === undefined ? '' : ' AND tenant = {tenant:String}'
  const result = await client.query({
    query: `SELECT toString(tenant) AS of_tenant, toUInt32(count()) AS entries FROM ${whole('calls')}
      WHERE task = {task:String}${ofTenant} GROUP BY of_tenant ORDER BY of_tenant`,
    query_params: { task, tenant },
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ readonly of_tenant: string; readonly entries: number }>()
  return rows.map(({ of_tenant, entries }) => ({ tenant: of_tenant, entries }))
}
