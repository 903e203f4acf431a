/** One question to one view: what it answers, what the oracle says, and every difference in words. */
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { parseUsd } from '@outlay/core'
import { createRandom } from '../../packages/cli/src/demo/random.ts'
import { readView } from '../harness/test-ledger.ts'
import { compareRows, describeDifference, type FoundRow, type WantedRow } from './compare-rows.ts'
import type { World } from './generate/world.ts'
import type { Asked, OracleLedger } from './model/oracle-ledger.ts'
import { ORACLE, type OracleViewName } from './oracle.ts'
import type { OracleDatabase } from './oracle-database.ts'
import { argumentsOf, askable, plainQuestion, randomQuestion } from './questions.ts'
import { answerBreaks, featureAnswerFrame } from './views/feature-answer.ts'

const ANSWER = 'kpi_feature_answer'

/** The answer of a feature is not a row per key: its frame and its split are checked apart. */
type AskedView = OracleViewName | typeof ANSWER

export interface Question {
  readonly view: AskedView
  readonly asked: Asked
}

/** The plain and a random question of every kind of row that every view has. */
export const questionsFor = (world: World): readonly Question[] =>
  ([...Object.keys(ORACLE), ANSWER] as AskedView[]).flatMap((view) => {
    const { by } = kpiViewOf(view)
    const random = createRandom('questions', world.seed, view)
    return (by.length === 0 ? [''] : by).flatMap((kind) =>
      [plainQuestion(world, kind), randomQuestion(world, random, kind)].map((asked) => ({
        view,
        asked: askable(view, asked),
      })),
    )
  })

const splitOf = (row: FoundRow) => ({
  driver: String(row['driver']),
  effect_usd: row['effect_usd'] == null ? null : parseUsd(String(row['effect_usd'])),
  share_of_change: row['share_of_change'] == null ? null : Number(row['share_of_change']),
  rank: Number(row['rank']),
})

const answerProblems = (rows: readonly FoundRow[], frame: ReturnType<typeof featureAnswerFrame>): readonly string[] => {
  const splits = rows.map(splitOf)
  const wanted = splits.map((split): WantedRow => ({ ...frame, ...split }))
  return [...compareRows(ANSWER, rows, wanted).map(describeDifference), ...answerBreaks(splits, frame)]
}

const problemsIn = (view: KpiViewName, rows: readonly FoundRow[], wanted: readonly WantedRow[]): readonly string[] => {
  // Whether a day without a figure has a row is left open.
  const stated = view === 'kpi_overview_series' ? rows.filter(({ value }) => value !== null) : rows
  return compareRows(view, stated, wanted).map(describeDifference)
}

/** Empty where the view says what the oracle says. */
export const differencesOf = async (
  { ledger, database }: OracleDatabase,
  oracle: OracleLedger,
  { view, asked }: Question,
): Promise<readonly string[]> => {
  const args = argumentsOf(view, asked)
  const rows = await readView<FoundRow>(ledger, database, view, args)
  const problems =
    view === ANSWER
      ? answerProblems(rows, featureAnswerFrame(oracle, asked))
      : problemsIn(view, rows, ORACLE[view](oracle, asked))
  return problems.map((problem) => `${view}(${JSON.stringify(args)}): ${problem}`)
}
