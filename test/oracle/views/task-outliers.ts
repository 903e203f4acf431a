/** KPI 1: single tasks and sessions that are dear beside their like. */
import { completeGroups, distinct, rowsBy, sessionOf, taskOf } from '../model/groups.ts'
import { cost9Of, coverageOf, countOf, mapFigure, medianOf, percentileOf, ratioOf, usdOf } from '../model/money.ts'
import type { Asked, OracleLedger, PricedCall } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, windowOf, within } from '../model/windows.ts'

export const taskOutliers: ViewOracle<'kpi_task_outliers'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  const types = rowsBy(calls, ({ row }) => row.task_type)
  return [...types].flatMap(([task_type, ofType]) => {
    const tasks = completeGroups(ofType, taskOf)
    const median = medianOf(tasks.map((task) => cost9Of(task)))
    return tasks.flatMap((task) => {
      const ratio = ratioOf(cost9Of(task), median)
      const [first] = task
      if (ratio === null || ratio <= asked.min_ratio || median === null || first === undefined) return []
      return {
        task_id: first.row.task,
        tenant: first.row.tenant,
        task_type,
        cost_usd: usdOf(cost9Of(task)),
        type_median_usd: usdOf(median),
        ratio,
        ratio_band: verdictOf(ratio, 'task_instance'),
      }
    })
  })
}

type Figure = (session: readonly PricedCall[]) => number

/** A maximum keeps what was reversed: of everything ever charged under the session and workload. */
const longestOf = (ledger: OracleLedger, asked: Asked): Figure => {
  const everCharged = within(ledger.everCharged(asked.book), windowOf(asked))
  const sessions = Map.groupBy(admitted(everCharged, asked), longestKeyOf)
  return ([first]) =>
    Math.max(
      ...(first === undefined ? [] : (sessions.get(longestKeyOf(first)) ?? [])).map(({ inputTokens }) =>
        Number(inputTokens),
      ),
    )
}
const longestKeyOf = (call: PricedCall): string => `${sessionOf(call)}\u0000${call.row.workload}`
const mostCalls: Figure = (session) => countOf(session, ({ counts }) => counts)
/** Cost of a token of the session, input or output. */
const dearestModel: Figure = (session) => {
  const tokens = countOf(session, ({ inputTokens, outputTokens }) => Number(inputTokens + outputTokens))
  return tokens === 0 ? 0 : Number(cost9Of(session)) / tokens
}

const driverOf = (sessions: readonly (readonly PricedCall[])[], p99: bigint | null, longestInput: Figure): string => {
  const drivers: readonly (readonly [string, Figure])[] = [
    ['longest input', longestInput],
    ['most calls', mostCalls],
    ['most expensive model', dearestModel],
  ]
  if (p99 === null) return ''
  const top = sessions.filter((session) => cost9Of(session) >= p99)
  const multiples = drivers.map(([name, figure]) => {
    const multiple = ratioOf(medianOf(top.map(figure)), medianOf(sessions.map(figure)))
    return { name, multiple: multiple ?? 0 }
  })
  const largest = Math.max(...multiples.map(({ multiple }) => multiple))
  return multiples.find(({ multiple }) => multiple === largest)?.name ?? ''
}

export const sessionCost: ViewOracle<'kpi_session_cost'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  const longestInput = longestOf(ledger, asked)
  const withSession = calls.filter(({ row }) => row.session !== '')
  return [...rowsBy(withSession, ({ row }) => row.workload)].map(([workload, ofWorkload]) => {
    const sessions = completeGroups(ofWorkload, sessionOf)
    const costs = sessions.map((session) => cost9Of(session))
    const p99 = percentileOf(costs, 0.99)
    return {
      workload,
      sessions: distinct(ofWorkload, sessionOf),
      p50: mapFigure(percentileOf(costs, 0.5), usdOf),
      p95: mapFigure(percentileOf(costs, 0.95), usdOf),
      p99: mapFigure(p99, usdOf),
      p99_driver: driverOf(sessions, p99, longestInput),
      ...coverageOf(ofWorkload),
    }
  })
}
