/** How long each view takes for the reader of a panel, next to its floor and to its cost before the first row. */
import { type ClickHouseClient, kpiStatement, queryKpi } from '@outlay/clickhouse'
import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import type { Floor } from './floors.ts'
import { KPI_QUESTIONS, type KpiQuestion } from './kpi-questions.ts'
import { type Timing, timeSideBySide } from './timing.ts'

export interface KpiTiming {
  readonly view: string
  readonly viewTiming: Timing
  readonly floorTiming: Timing
  /** What the floor sums. */
  readonly floor: readonly string[]
  /** The same statement on a database of the same schema without calls: analysis, planning and the round trip. */
  readonly emptyTiming: Timing
  /** EXPLAIN PLAN of the statement on the loaded database. */
  readonly explainTiming: Timing
  /** Of medians: view ÷ floor. */
  readonly ratio: number
  /** The same of CPU time, where the floor takes enough of it to be measured. */
  readonly cpuRatio?: number
}

/** A view that the limits of a reader stop is a result too. */
export interface KpiFailure {
  readonly view: string
  readonly failure: string
}

export interface Repetitions {
  readonly repetitions: number
  readonly say: (line: string) => void
}

const FAILURE_CHARACTERS = 200
/** A tick of the clock behind CPU time: less than that per run is noise. */
const CPU_MS_MIN = 10

export const failureOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, FAILURE_CHARACTERS)

export const ratioOfCpu = (above: Timing, below: Timing): { readonly cpuRatio?: number } =>
  above.cpuMs === undefined || below.cpuMs === undefined || below.cpuMs < CPU_MS_MIN
    ? {}
    : { cpuRatio: above.cpuMs / below.cpuMs }

const runFloor = async ({ reader, database }: BenchLedger, floor: readonly Floor[]): Promise<void> => {
  for (const { statement } of floor) await rowsOf(reader, statement(database))
}

const explain = async (client: ClickHouseClient, database: string, { view, args }: KpiQuestion): Promise<void> => {
  const { query, query_params } = kpiStatement(database, view, args)
  await (await client.query({ query: `EXPLAIN PLAN ${query}`, query_params, format: 'TabSeparated' })).text()
}

const timeQuestion = async (ledger: BenchLedger, question: KpiQuestion, repetitions: number): Promise<KpiTiming> => {
  const { reader, database, emptyDatabase } = ledger
  const { view, args, floor } = question
  const timings = await timeSideBySide(
    {
      floor: () => runFloor(ledger, floor),
      view: () => queryKpi(reader, database, view, args),
      empty: () => queryKpi(reader, emptyDatabase, view, args),
      explain: () => explain(reader, database, question),
    },
    { repetitions, enginePid: ledger.enginePid() },
  )
  return {
    view,
    viewTiming: timings.view,
    floorTiming: timings.floor,
    floor: floor.map(({ label }) => label),
    emptyTiming: timings.empty,
    explainTiming: timings.explain,
    ratio: timings.view.ms / timings.floor.ms,
    ...ratioOfCpu(timings.view, timings.floor),
  }
}

export const measureKpis = async (
  ledger: BenchLedger,
  { repetitions, say }: Repetitions,
): Promise<readonly (KpiTiming | KpiFailure)[]> => {
  const results: (KpiTiming | KpiFailure)[] = []
  for (const question of KPI_QUESTIONS) {
    say(`measuring ${question.view}`)
    try {
      results.push(await timeQuestion(ledger, question, repetitions))
    } catch (error) {
      results.push({ view: question.view, failure: failureOf(error) })
    }
  }
  return results
}

/** What the cheapest statement of a reader costs: part of every figure above. */
export const measureRoundTrip = async (ledger: BenchLedger, repetitions: number): Promise<number> => {
  const works = { select: () => rowsOf(ledger.reader, 'SELECT 1') }
  return (await timeSideBySide(works, { repetitions, enginePid: ledger.enginePid() })).select.ms
}
