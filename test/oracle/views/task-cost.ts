/** KPI 1: what a task costs, and what a model call costs. */
import { completeGroups, distinct, groupsOf, rowsBy, taskOf, turnsIn } from '../model/groups.ts'
import {
  callsIn,
  cost9Of,
  costOrNull,
  countOf,
  coverageOf,
  mapFigure,
  medianOf,
  percentileOf,
  ratioOf,
  sumOf,
  usdOf,
  usdPer,
} from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle, ViewRow } from '../model/view-rows.ts'
import { admitted, daysBefore, windowOf, within } from '../model/windows.ts'

const LEVERS = new Map([
  ['chat', 'model routing'],
  ['agent', 'tool-call caps and reasoning budget'],
  ['rag', 'chunk size and top-k'],
])
const TOKEN_BANDS = new Map([
  ['chat', 'tokens.chat'],
  ['agent', 'tokens.agent'],
  ['rag', 'tokens.rag'],
] as const)

const KEYS: Readonly<Record<string, (call: PricedCall) => string>> = {
  all: () => 'all',
  workload: ({ row }) => row.workload,
  feature: ({ row }) => row.feature,
  task_type: ({ row }) => row.task_type,
  tenant: ({ row }) => row.tenant,
  model: ({ row }) => row.price_model,
  task: ({ row }) => row.task,
}

const costPerTask = (calls: readonly PricedCall[]): bigint | null => {
  const complete = completeGroups(calls, taskOf)
  return usdPer(cost9Of(complete.flat()), complete.length)
}

const costPerSuccess = (calls: readonly PricedCall[]): bigint | null => {
  const complete = completeGroups(calls, taskOf)
  const successes = complete.filter((task) => task.some(({ row, counts }) => counts > 0 && row.outcome === 'success'))
  return usdPer(cost9Of(complete.flat()), successes.length)
}

/** Cost of priced calls ÷ priced calls. */
export const costPerCall = (calls: readonly PricedCall[]): bigint | null => {
  const priced = calls.filter(({ unpriced }) => !unpriced)
  return usdPer(cost9Of(priced), callsIn(priced))
}

const workloadOf = (calls: readonly PricedCall[]): string => {
  const workloads = new Set(calls.map(({ row }) => row.workload))
  return workloads.size === 1 ? ([...workloads][0] ?? '') : ''
}

const tokensOf = (calls: readonly PricedCall[]) => {
  const tasks = [...groupsOf(calls, taskOf).values()]
  return medianOf(tasks.map((task) => countOf(task, ({ effective }) => effective)))
}

const retriesOf = (calls: readonly PricedCall[]): number | null => {
  const retries = cost9Of(calls.filter(({ row }) => row.attempt > 1))
  return ratioOf(retries, cost9Of(calls.filter(({ row }) => row.attempt <= 1)))
}

const rowOf = (key: string, calls: readonly PricedCall[], before: readonly PricedCall[]): ViewRow<'kpi_task_cost'> => {
  const workload = workloadOf(calls)
  const costs = completeGroups(calls, taskOf).map((task) => cost9Of(task))
  const p50 = percentileOf(costs, 0.5)
  const p95 = percentileOf(costs, 0.95)
  const effective = tokensOf(calls)
  const tokenBand = [...TOKEN_BANDS].find(([name]) => name === workload)?.[1]
  const spread = ratioOf(p95, p50)
  const perTurn = ratioOf(callsIn(calls), turnsIn(calls))
  const layer = (name: 'layer_memory' | 'layer_prompt'): number => countOf(calls, ({ row }) => row[name])
  const context = ratioOf(layer('layer_memory'), layer('layer_prompt'))
  const efficiency = ratioOf(
    sumOf(calls, ({ outputTokens }) => outputTokens),
    sumOf(calls, ({ inputTokens }) => inputTokens),
  )
  const retries = retriesOf(calls)
  const average = costPerTask(calls)
  const baseline = ratioOf(average, costPerTask(before))
  return {
    key,
    workload,
    tasks: distinct(calls, taskOf),
    calls: callsIn(calls),
    cost_usd: costOrNull(calls),
    ...coverageOf(calls),
    cost_per_task_avg: average,
    cost_per_task_p50: mapFigure(p50, usdOf),
    cost_per_task_p95: mapFigure(p95, usdOf),
    cost_per_task_p99: mapFigure(percentileOf(costs, 0.99), usdOf),
    cost_per_task_max: mapFigure(costs.toSorted((a, b) => (a < b ? -1 : 1)).at(-1) ?? null, usdOf),
    p95_over_p50: spread,
    p95_over_p50_band: verdictOf(spread, 'task_variance'),
    cost_per_call: costPerCall(calls),
    cost_per_success: costPerSuccess(calls),
    effective_tokens_p50: effective,
    effective_tokens_band: verdictOf(effective, tokenBand),
    tool_call_factor: perTurn,
    tool_call_factor_band: verdictOf(workload === 'agent' ? perTurn : null, 'tool_call_factor'),
    retrieved_context_ratio: context,
    retrieved_context_ratio_band: verdictOf(workload === 'rag' ? context : null, 'retrieved_context'),
    output_cost_share: ratioOf(
      sumOf(calls, ({ output9 }) => output9),
      cost9Of(calls),
    ),
    token_efficiency: efficiency,
    token_efficiency_band: verdictOf(efficiency, 'token_efficiency'),
    retry_overhead: retries,
    retry_overhead_band: verdictOf(retries, 'retry_overhead'),
    baseline_ratio: baseline,
    baseline_ratio_band: verdictOf(baseline, 'task_baseline'),
    lever: LEVERS.get(workload) ?? '',
  }
}

export const taskCost: ViewOracle<'kpi_task_cost'> = (ledger, asked) => {
  const calls = admitted(ledger.calls(asked.book), asked)
  const keyOf = KEYS[asked.by] ?? (() => '')
  const window = windowOf(asked)
  const before = Map.groupBy(within(calls, daysBefore(window.from, 7)), keyOf)
  return [...rowsBy(within(calls, window), keyOf)].map(([key, ofKey]) => rowOf(key, ofKey, before.get(key) ?? []))
}
