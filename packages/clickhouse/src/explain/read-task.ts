/** One task as the ledger and as its KPI tell it. */
import type { ClickHouseClient } from '@clickhouse/client'
import { readRows } from '#src/ledger/read-rows.ts'
import { readWhole } from '#src/schema/stored-form.ts'
import { queryKpiWhere } from '#src/kpi/query-kpi.ts'
import { type CallRow, callsTable, type QuarantineRow, quarantineTable } from '#src/tables/ledger-tables.ts'
import { windowOfEntries } from './entry-costs.ts'

interface Task {
  readonly tenant: string
  readonly task: string
}

export interface TaskEntries {
  readonly calls: readonly CallRow[]
  /** Refusals in the traces of these calls: what has no attribution names no task either. */
  readonly quarantine: readonly QuarantineRow[]
}

const OF_TASK = 'tenant = {tenant:String} AND task = {task:String}'

export const readTaskEntries = async (
  client: ClickHouseClient,
  database: string,
  { tenant, task }: Task,
): Promise<TaskEntries> => {
  const params = { tenant, task }
  const whole = await readWhole(client, database)
  const [calls, quarantine] = await Promise.all([
    readRows(client, database, callsTable, { where: OF_TASK, params, ofAllShards: true }),
    readRows(client, database, quarantineTable, {
      where: `(authority, trace_id) GLOBAL IN (SELECT authority, trace_id FROM ${whole('calls')} WHERE ${OF_TASK})`,
      params,
      ofAllShards: true,
    }),
  ])
  return { calls, quarantine }
}

/** The figure of KPI 1 for one task. */
export interface TaskFigure {
  readonly calls: string
  /** Null where no charge is priced; else what is priced, a lower bound while some are not. */
  readonly cost_usd: string | null
  readonly unpriced_calls: string
}

/** Undefined where nothing of the task stands. */
export const readTaskFigure = async (
  client: ClickHouseClient,
  database: string,
  entries: readonly CallRow[],
  { tenant, task, book }: Task & { readonly book: string },
): Promise<TaskFigure | undefined> => {
  const [row] = await queryKpiWhere<TaskFigure>(client, database, {
    name: 'kpi_task_cost',
    args: { ...windowOfEntries(entries), by: 'task', tenants: [tenant], book },
    where: { key: task },
  })
  return row
}
