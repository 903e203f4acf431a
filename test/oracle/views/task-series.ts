/** KPI 1 over time: per workload and bucket, and as a histogram of task costs. */
import { completeCosts, distinct, groupsOf, rowsBy, isComplete, taskOf } from '../model/groups.ts'
import { callsIn, cost9Of, coverageOf, mapFigure, percentileOf, sumOf, usdOf, usdPer } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, bucketOf, windowOf, within } from '../model/windows.ts'
import { costPerCall } from './task-cost.ts'

export const taskCostSeries: ViewOracle<'kpi_task_cost_series'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  const buckets = rowsBy(calls, ({ slot, row }) => JSON.stringify([bucketOf(slot, asked.step), row.workload]))
  return [...buckets].map(([key, ofBucket]) => {
    const [time, workload] = JSON.parse(key) as [number, string]
    const costs = completeCosts(ofBucket, taskOf)
    return {
      time,
      workload,
      tasks: distinct(ofBucket, taskOf),
      calls: callsIn(ofBucket),
      cost_per_task: usdPer(
        sumOf(costs, (cost) => cost),
        costs.length,
      ),
      cost_per_task_p95: mapFigure(percentileOf(costs, 0.95), usdOf),
      cost_per_call: costPerCall(ofBucket),
      ...coverageOf(ofBucket),
    }
  })
}

/** A dollar in ninths of femto-dollars. */
const USD9 = 9n * 10n ** 15n
const SMALLEST_EXPONENT = -4
const LARGEST_EXPONENT = 3
const PLACES = 10n ** 4n

/** 0.0001, 0.0002, 0.0005, 0.001 … 1000, as text and in ten-thousandths of a dollar. */
const EDGES = Array.from({ length: LARGEST_EXPONENT - SMALLEST_EXPONENT + 1 }, (_, index) =>
  [1n, 2n, 5n].map((digit) => digit * 10n ** BigInt(index)),
)
  .flat()
  .filter((units) => units <= 1_000n * PLACES)
  .map((units) => ({ units, name: String(Number(units) / Number(PLACES)) }))

const histogramBucket = (task: readonly PricedCall[]): string => {
  if (!isComplete(task)) return 'no price'
  const cost = cost9Of(task)
  return EDGES.find(({ units }) => cost * PLACES <= units * USD9)?.name ?? 'more'
}

export const taskHistogram: ViewOracle<'kpi_task_histogram'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  const rows = [...rowsBy(calls, ({ slot }) => String(bucketOf(slot, asked.step)))].flatMap(([time, ofTime]) =>
    [...Map.groupBy(groupsOf(ofTime, taskOf).values(), histogramBucket)].map(([bucket, tasks]) => ({
      time: Number(time),
      bucket,
      tasks: tasks.length,
    })),
  )
  return rows
}
