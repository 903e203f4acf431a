/** Beside the eight: what the month will cost. */
import { subjectsOf } from '../model/budgets.ts'
import { cost9Of, coverageOf, sumOf, usdOf } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, DAY, dayOf, monthOf, within } from '../model/windows.ts'

const DAYS = 28
const HALF = 14
const WEEK = 7
const SIGMAS = 1.96
const FEMTO9 = 9n * 10n ** 15n

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

interface Expectation {
  readonly at: (day: number) => number
  readonly deviation: number
}

/** Weekday means and a straight trend over the costs of 28 days, in dollars. Days count from the first of them. */
const expectationOf = (costs: readonly number[]): Expectation => {
  const trend = (meanOf(costs.slice(HALF)) - meanOf(costs.slice(0, HALF))) / HALF
  const middle = (DAYS - 1) / 2
  const weekday = (day: number): number => meanOf(costs.filter((_, index) => index % WEEK === day % WEEK))
  const at = (day: number): number => Math.max(0, weekday(day) + trend * (day - middle))
  const residuals = costs.map((cost, day) => cost - at(day))
  const bias = meanOf(residuals)
  return { at, deviation: Math.sqrt(meanOf(residuals.map((residual) => (residual - bias) ** 2))) }
}

const dollarsOf = (calls: readonly PricedCall[]): number => Number(cost9Of(calls)) / Number(FEMTO9)
const femtoOf = (dollars: number): bigint => BigInt(Math.round(Math.max(0, dollars) * 1e15))

export const forecast: ViewOracle<'kpi_forecast'> = (ledger, asked) => {
  const calls = admitted(ledger.calls(asked.book), asked)
  const month = monthOf(asked.as_of)
  const today = dayOf(asked.as_of - 1)
  const from = today - DAYS * DAY
  const first = Math.min(...calls.map(({ slot }) => slot))
  const costs = Array.from({ length: DAYS }, (_, day) =>
    dollarsOf(within(calls, { from: from + day * DAY, to: from + (day + 1) * DAY })),
  )
  const expectation = dayOf(first) <= from ? expectationOf(costs) : undefined
  const spent = within(calls, { from: month.from, to: today })
  const budgets = subjectsOf(ledger, calls, month).flatMap(({ budgetUsd }) => budgetUsd ?? [])
  const rows = []
  for (let time = today; time < month.end; time += DAY) {
    const expected = expectation?.at((time - from) / DAY)
    const spread = SIGMAS * (expectation?.deviation ?? 0)
    rows.push({
      time,
      expected_usd: expected === undefined ? null : femtoOf(expected),
      low_usd: expected === undefined ? null : femtoOf(expected - spread),
      high_usd: expected === undefined ? null : femtoOf(expected + spread),
      spent_usd: usdOf(cost9Of(spent)),
      budget_usd: budgets.length === 0 ? null : sumOf(budgets, (budget) => budget),
      ...coverageOf(spent),
    })
  }
  return rows
}
