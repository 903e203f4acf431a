/** One task: its calls in order with their cost, and the total, which is the figure of its KPI. */
import {
  type CallRow,
  type ClickHouseClient,
  type EntryCost,
  findTenantsOfTask,
  readEntryCosts,
  readTaskEntries,
  readTaskFigure,
} from '@outlay/clickhouse'
import { divideHalfEven, formatUsd, limits, type MeterQuantities, OutlayError } from '@outlay/core'
import { type RefusalFacts, refusalFactsOf, instantOfNanos, metersOf, standing } from './entry-facts.ts'
import type { ExplainOptions } from './explain-call.ts'
import { openLedgerBook } from './ledger-book.ts'

export interface TaskCall {
  readonly trace_id: string
  readonly span_id: string
  readonly part: string
  readonly time: string
  readonly model: string
  readonly feature: string
  readonly agent: string
  readonly tool: string
  readonly attempt: number
  readonly meters: MeterQuantities
  readonly rule: string
  readonly status: string
  /** Null = not priced. */
  readonly cost_usd: string | null
  readonly priced_subtotal_usd: string
  readonly missing: readonly string[]
  /** Corrections behind it: charges of the call that no longer stand. */
  readonly corrected: number
}

/** Shape: docs/reference/cli/explain.schema.json. */
export interface ExplainedTask {
  readonly kind: 'task'
  readonly tenant: string
  readonly task: string
  readonly task_types: readonly string[]
  readonly book: { readonly name: string; readonly revision: number }
  /** Model calls whose charge stands; parts that bill apart are no calls of their own. */
  readonly calls_count: number
  /** Charges that stand without a price: calls, and parts of calls, as the views count them. */
  readonly unpriced_calls: number
  /** Null where no charge is priced; else what is priced, a lower bound while some are not. */
  readonly total_usd: string | null
  /** The same by the view of KPI 1; null where that has no such task. */
  readonly kpi: { readonly calls: number; readonly unpriced_calls: number; readonly cost_usd: string | null } | null
  readonly agree: boolean
  readonly calls: readonly TaskCall[]
  /** Calls and sums of the same traces that stand in quarantine: they may belong to the task. */
  readonly quarantined: readonly RefusalFacts[]
}

const byTime = (a: CallRow, b: CallRow): number =>
  Number(a.time - b.time) || (a.span_id < b.span_id ? -1 : a.span_id > b.span_id ? 1 : a.part === 'main' ? -1 : 1)

const isUnpriced = (cost: EntryCost | undefined): boolean => cost?.cost_usd === null || cost === undefined

const callOf = (entry: CallRow, cost: EntryCost | undefined, charges: readonly CallRow[]): TaskCall => ({
  trace_id: entry.trace_id,
  span_id: entry.span_id,
  part: entry.part,
  time: instantOfNanos(entry.time),
  model: entry.price_model,
  feature: entry.feature,
  agent: entry.agent,
  tool: entry.tool,
  attempt: entry.attempt,
  meters: metersOf(entry),
  rule: entry.rule_id,
  status: cost?.cost_status ?? 'not_in_view',
  cost_usd: cost?.cost_usd ?? null,
  priced_subtotal_usd: cost?.priced_subtotal_usd ?? '0',
  missing: cost?.missing ?? [],
  corrected: charges.filter(
    (other) =>
      other !== entry &&
      other.sign > 0 &&
      other.authority === entry.authority &&
      other.trace_id === entry.trace_id &&
      other.span_id === entry.span_id &&
      other.part === entry.part,
  ).length,
})

/** The tenant of the task. Fails with `E_TASK` where there is none or several, or where nobody could read the answer. */
const tenantOf = async (
  client: ClickHouseClient,
  task: string,
  { database, tenant }: ExplainOptions & { readonly tenant?: string },
): Promise<string> => {
  if (task === '') throw new OutlayError('E_TASK', 'calls without a task id are no task', { got: '""' })
  const places = await findTenantsOfTask(client, database, { task, ...(tenant === undefined ? {} : { tenant }) })
  const [first] = places
  if (first === undefined) {
    throw new OutlayError('E_TASK', 'the ledger has no such task', {
      got: tenant === undefined ? task : `${task} of ${tenant}`,
      fix: `look at another database with --database; this one is ${database}`,
    })
  }
  if (places.length > 1) {
    throw new OutlayError('E_TASK', 'several tenants have a task of this id', {
      got: task,
      want: places.map((place) => `--tenant ${place.tenant}`).join(' or '),
    })
  }
  if (first.entries > limits.explainedEntriesMax) {
    throw new OutlayError('E_TASK', `a task of more than ${limits.explainedEntriesMax} entries`, {
      got: `${first.entries}`,
      fix: 'ask the view call_cost in SQL',
    })
  }
  return first.tenant
}

const NINTHS = 9n

export const explainTask = async (
  client: ClickHouseClient,
  task: string,
  options: ExplainOptions & { readonly tenant?: string },
): Promise<ExplainedTask> => {
  const { database } = options
  const tenant = await tenantOf(client, task, options)
  const [book, { calls: entries, quarantine }] = await Promise.all([
    openLedgerBook(client, database, options),
    readTaskEntries(client, database, { tenant, task }),
  ])
  const [costs, figure] = await Promise.all([
    readEntryCosts(client, database, entries, { book: book.name, of: { task } }),
    readTaskFigure(client, database, entries, { tenant, task, book: book.name }),
  ])
  const open = standing(entries).toSorted(byTime)
  const main = open.filter(({ part }) => part === 'main')
  const unpriced = open.filter(({ entry_id }) => isUnpriced(costs.get(entry_id))).length
  const ninths = open.reduce((sum, { entry_id }) => sum + BigInt(costs.get(entry_id)?.subtotal_femto9 ?? '0'), 0n)
  const total = unpriced === open.length ? null : formatUsd(divideHalfEven(ninths, NINTHS))
  const kpi = figure && {
    calls: Number(figure.calls),
    unpriced_calls: Number(figure.unpriced_calls),
    cost_usd: figure.cost_usd,
  }
  return {
    kind: 'task',
    tenant,
    task,
    task_types: [...new Set(open.map(({ task_type }) => task_type))],
    book: { name: book.name, revision: book.revision },
    calls_count: main.length,
    unpriced_calls: unpriced,
    total_usd: total,
    kpi: kpi ?? null,
    agree:
      (kpi?.calls ?? 0) === main.length && (kpi?.unpriced_calls ?? 0) === unpriced && (kpi?.cost_usd ?? null) === total,
    calls: open.map((entry) => callOf(entry, costs.get(entry.entry_id), entries)),
    quarantined: standing(quarantine).map(refusalFactsOf),
  }
}
