/** How long each KPI view takes for the reader of a panel, next to its floor and to its cost before the first row. */
import { type ClickHouseClient, kpiStatement, queryKpi } from '@outlay/clickhouse'
import { METERS } from '@outlay/core'
import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import { type Floor, KPI_QUESTIONS, type KpiQuestion } from './kpi-questions.ts'
import { medianOf, millisecondsOf } from './timing.ts'

export interface KpiTiming {
  readonly view: string
  /** Medians in milliseconds, as the client waits. */
  readonly viewMs: number
  readonly floorMs: number
  /** The same statement on a database of the same schema without calls: analysis, planning and the round trip. */
  readonly emptyMs: number
  /** EXPLAIN PLAN of the statement on the loaded database. */
  readonly explainMs: number
  readonly ratio: number
  readonly runsMs: readonly number[]
}

/** A view that the limits of a reader stop is a result too. */
export interface KpiFailure {
  readonly view: string
  readonly failure: string
}

const FAILURE_CHARACTERS = 200

const floorStatement = (database: string, { target, where, counters }: Floor): string => {
  const columns = counters === 'all' ? ['calls', ...METERS] : ['calls']
  return `SELECT ${columns.map((column) => `sum(${column})`).join(', ')} FROM ${database}.${target} WHERE ${where}`
}

const runFloor = async ({ reader, database }: BenchLedger, floor: readonly Floor[]): Promise<void> => {
  for (const part of floor) await rowsOf(reader, floorStatement(database, part))
}

const explain = async (client: ClickHouseClient, database: string, { view, args }: KpiQuestion): Promise<void> => {
  const { query, query_params } = kpiStatement(database, view, args)
  await (await client.query({ query: `EXPLAIN PLAN ${query}`, query_params, format: 'TabSeparated' })).text()
}

const timeQuestion = async (ledger: BenchLedger, question: KpiQuestion, repetitions: number): Promise<KpiTiming> => {
  const { reader, database, emptyDatabase } = ledger
  const { view, args, floor } = question
  const works = {
    floor: () => runFloor(ledger, floor),
    view: () => queryKpi(reader, database, view, args),
    empty: () => queryKpi(reader, emptyDatabase, view, args),
    explain: () => explain(reader, database, question),
  }
  const runs = { floor: [] as number[], view: [] as number[], empty: [] as number[], explain: [] as number[] }
  const kinds = ['floor', 'view', 'empty', 'explain'] as const
  for (const kind of kinds) await works[kind]()
  // Side by side, so that what else the machine does falls on all of them alike.
  for (let run = 0; run < repetitions; run += 1) {
    for (const kind of kinds) runs[kind].push(await millisecondsOf(works[kind]))
  }
  const [viewMs, floorMs] = [medianOf(runs.view), medianOf(runs.floor)]
  return {
    view,
    viewMs,
    floorMs,
    emptyMs: medianOf(runs.empty),
    explainMs: medianOf(runs.explain),
    ratio: viewMs / floorMs,
    runsMs: runs.view,
  }
}

export const measureKpis = async (
  ledger: BenchLedger,
  repetitions: number,
  say: (line: string) => void,
): Promise<readonly (KpiTiming | KpiFailure)[]> => {
  const results: (KpiTiming | KpiFailure)[] = []
  for (const question of KPI_QUESTIONS) {
    say(`measuring ${question.view}`)
    try {
      results.push(await timeQuestion(ledger, question, repetitions))
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      results.push({ view: question.view, failure: text.slice(0, FAILURE_CHARACTERS) })
    }
  }
  return results
}

/** What the cheapest statement of a reader costs: part of every figure above. */
export const measureRoundTrip = async ({ reader }: BenchLedger, repetitions: number): Promise<number> => {
  const runs: number[] = []
  for (let run = 0; run < repetitions; run += 1) runs.push(await millisecondsOf(() => rowsOf(reader, 'SELECT 1')))
  return medianOf(runs)
}
