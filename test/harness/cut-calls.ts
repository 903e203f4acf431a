/** Calls through a real collector, and what they cost before and after they are cut in another way. */
import { type CallRow, callsTable, readRows } from '@outlay/clickhouse'
import { formatUsd } from '@outlay/core'
import { type CallShape, otlpRequest, sendRequest, shapedCall } from './otlp-spans.ts'
import type { TestCollector } from './test-collector.ts'
import { readView, type TestLedger } from './test-ledger.ts'

/** Sends calls, numbered from `first`, and waits until they are settled and priced. */
export const sendCalls = async (
  { collector }: TestCollector,
  first: number,
  calls: readonly CallShape[],
): Promise<void> => {
  const spans = calls.map((shape, index) => shapedCall(first + index, shape))
  if (!(await sendRequest(collector.url, otlpRequest(spans)))) throw new Error('the collector did not take the calls')
  await collector.settled()
}

export const readEntries = ({ client }: TestLedger, database: string): Promise<CallRow[]> =>
  readRows(client, database, callsTable, { where: '1' })

const NINTHS = 9n

interface EntryCost {
  readonly entry_id: string
  readonly tenant: string
  readonly cost_femto9: string
}

interface Question {
  readonly from_time: number
  readonly to_time: number
  readonly book?: string
}

const readEntryCosts = (ledger: TestLedger, database: string, question: Question): Promise<EntryCost[]> =>
  readView<EntryCost>(ledger, database, 'call_cost', { book: 'current', ...question, tenants: ['*'] })

/** What each tenant's calls cost: over their entries, and in two KPIs. */
export const readCosts = async (
  ledger: TestLedger,
  database: string,
  { tenants, ...question }: Question & { readonly tenants: readonly string[] },
): Promise<Record<string, readonly (string | null)[]>> => {
  const entries = await readEntryCosts(ledger, database, question)
  const one = async (tenant: string): Promise<readonly (string | null)[]> => {
    const own = entries.filter((entry) => entry.tenant === tenant)
    const femto9 = own.reduce((sum, { cost_femto9 }) => sum + BigInt(cost_femto9), 0n)
    const [tasks, features] = await Promise.all(
      (['kpi_task_cost', 'kpi_feature_totals'] as const).map((view) =>
        readView<{ cost_usd: string | null }>(ledger, database, view, {
          book: 'current',
          ...question,
          tenants: [tenant],
        }),
      ),
    )
    return [formatUsd(femto9 / NINTHS), tasks?.[0]?.cost_usd ?? null, features?.[0]?.cost_usd ?? null]
  }
  return Object.fromEntries(await Promise.all(tenants.map(async (tenant) => [tenant, await one(tenant)] as const)))
}

/** What reversals and the charges that they reverse cost together, pair by pair, in ninths of femto-dollars. */
export const readPairSums = async (
  ledger: TestLedger,
  database: string,
  question: Question,
): Promise<readonly bigint[]> => {
  const rows = await readEntryCosts(ledger, database, question)
  const cost = new Map(rows.map(({ entry_id, cost_femto9 }) => [entry_id, BigInt(cost_femto9)]))
  const reversals = (await readEntries(ledger, database)).filter(({ sign }) => sign < 0)
  return reversals.map(({ entry_id, reverses }) => (cost.get(entry_id) ?? 1n) + (cost.get(reverses) ?? 1n))
}

/** Counters by everything that a price depends on, as the ledger and as the views have them. */
export const readSums = async ({ client }: TestLedger, database: string): Promise<readonly unknown[]> => {
  const tables = ['calls', 'tenant_counters', 'task_counters', 'feature_counters']
  return Promise.all(
    tables.map(async (table) => {
      const [sign, calls] = table === 'calls' ? ['sign *', 'sum(sign)'] : ['', 'sum(charges)']
      const result = await client.query({
        query: `SELECT tenant, sku, price_slot, ${calls} AS n, sum(${sign} input) AS i, sum(${sign} output) AS o
          FROM ${database}.${table} GROUP BY ALL HAVING n != 0 OR i != 0 OR o != 0 ORDER BY ALL`,
        format: 'JSONCompactEachRow',
      })
      return result.json()
    }),
  )
}
