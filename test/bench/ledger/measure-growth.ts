/** How much longer does each view take with ten times the calls on the same dimensions? */
import { queryKpi } from '@outlay/clickhouse'
import { type GrowthLedgers, rowsOfTargets } from './growth-ledgers.ts'
import { KPI_QUESTIONS, type KpiQuestion } from './kpi-questions.ts'
import { failureOf, type KpiFailure, ratioOfCpu, type Repetitions } from './measure-kpis.ts'
import { insertOpenTraces } from './open-traces.ts'
import { type Timing, timeSideBySide } from './timing.ts'

export interface GrowthTiming {
  readonly view: string
  readonly base: Timing
  readonly dense: Timing
  /** Of medians: with ten times the calls ÷ with the calls. */
  readonly ratio: number
  readonly cpuRatio?: number
}

export interface GrowthResult {
  /** Entries of the smaller and of the larger ledger. */
  readonly baseEntries: number
  readonly denseEntries: number
  /** Rows of each target in either. */
  readonly baseRows: Readonly<Record<string, number>>
  readonly denseRows: Readonly<Record<string, number>>
  readonly views: readonly (GrowthTiming | KpiFailure)[]
}

const timeGrowth = async (
  { base, dense }: GrowthLedgers,
  { view, args }: KpiQuestion,
  repetitions: number,
): Promise<GrowthTiming> => {
  const timings = await timeSideBySide(
    {
      base: () => queryKpi(base.reader, base.database, view, args),
      dense: () => queryKpi(dense.reader, dense.database, view, args),
    },
    { repetitions, enginePid: base.enginePid() },
  )
  return { view, ...timings, ratio: timings.dense.ms / timings.base.ms, ...ratioOfCpu(timings.dense, timings.base) }
}

export const measureGrowth = async (
  ledgers: GrowthLedgers,
  { repetitions, say }: Repetitions,
): Promise<GrowthResult> => {
  for (const ledger of [ledgers.base, ledgers.dense]) await insertOpenTraces(ledger)
  const views: (GrowthTiming | KpiFailure)[] = []
  for (const question of KPI_QUESTIONS) {
    say(`measuring growth of ${question.view}`)
    try {
      views.push(await timeGrowth(ledgers, question, repetitions))
    } catch (error) {
      views.push({ view: question.view, failure: failureOf(error) })
    }
  }
  const { baseEntries, denseEntries } = ledgers
  return {
    baseEntries,
    denseEntries,
    baseRows: await rowsOfTargets(ledgers.base),
    denseRows: await rowsOfTargets(ledgers.dense),
    views,
  }
}
