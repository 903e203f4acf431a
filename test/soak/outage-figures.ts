/** What a collector and a database say of themselves in an outage. */
import { readFile } from 'node:fs/promises'
import type { ClickHouseClient } from '@outlay/clickhouse'
import type { CollectorChild } from '../harness/collector-child.ts'

export interface CollectorFigures {
  /** Status of both probes. */
  readonly health: string
  readonly walBytes: number
  /** Records that are not in the database yet. */
  readonly backlogRecords: number
  readonly oldestSeconds: number
  readonly unitsInDoubt: number
  readonly openTraces: number
  readonly rssBytes: number
  /** Blocks that the database took so far, by table. */
  readonly inserts: { readonly spans: number; readonly calls: number }
}

const KIB = 1_024

const valueOf = (metrics: string, name: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)

const insertsInto = (metrics: string, table: string): number =>
  valueOf(metrics, `outlay_inserts_total{table="${table}",result="accepted"}`)

const textOf = async (url: string): Promise<string> => (await fetch(url)).text()

const rssOf = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * KIB
}

export const readCollector = async (collector: CollectorChild | undefined): Promise<CollectorFigures> => {
  if (collector === undefined) throw new Error('BUG: no collector runs')
  const { adminUrl, pid } = collector
  const [healthz, readyz] = await Promise.all(
    ['healthz', 'readyz'].map(async (path) => (await fetch(`${adminUrl}/${path}`)).status),
  )
  const metrics = await textOf(`${adminUrl}/metrics`)
  return {
    health: `healthz ${healthz}, readyz ${readyz}`,
    walBytes: valueOf(metrics, 'outlay_wal_bytes'),
    backlogRecords: valueOf(metrics, 'outlay_wal_backlog_records{consumer="evidence"}'),
    oldestSeconds: valueOf(metrics, 'outlay_wal_oldest_unacked_seconds{consumer="evidence"}'),
    unitsInDoubt: valueOf(metrics, 'outlay_units_in_doubt'),
    openTraces: valueOf(metrics, 'outlay_ledger_open_traces'),
    rssBytes: await rssOf(pid),
    inserts: { spans: insertsInto(metrics, 'spans'), calls: insertsInto(metrics, 'calls') },
  }
}

export interface PartFigures {
  readonly table: string
  readonly active: number
  /** The most that were seen. */
  readonly activeMost: number
}

/** Of the tables that receive units, and their counters. */
export const readParts = async (client: ClickHouseClient, database: string): Promise<readonly PartFigures[]> => {
  const result = await client.query({
    query: `SELECT table, toUInt32(count()) AS held FROM system.parts
      WHERE database = {database:String} AND active AND (table IN ('spans', 'calls') OR endsWith(table, '_counters'))
      GROUP BY table ORDER BY table`,
    query_params: { database },
    format: 'JSONEachRow',
  })
  return (await result.json<{ table: string; held: number }>()).map(({ table, held }) => ({
    table,
    active: held,
    activeMost: held,
  }))
}
