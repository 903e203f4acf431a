/**
 * Every cell of every view against plain loops over the raw entries, on random ledgers with planted edges. More seeds:
 * OUTLAY_ORACLE_SEEDS=200; from another first seed: OUTLAY_ORACLE_FROM=1000.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { createRandom } from '../../packages/cli/src/demo/random.ts'
import { readView, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { compareRows, describeDifference, type FoundRow } from './compare-rows.ts'
import { generateEntries } from './generate/entries.ts'
import { generateFacts } from './generate/facts.ts'
import { createWorld, type World } from './generate/world.ts'
import type { Asked, OracleLedger } from './model/oracle-ledger.ts'
import { ORACLE, type OracleViewName } from './oracle.ts'
import { createOracleDatabase, type OracleDatabase } from './oracle-database.ts'
import { argumentsOf, askable, plainQuestion, randomQuestion } from './questions.ts'

const SEEDS = Number(process.env['OUTLAY_ORACLE_SEEDS'] ?? 20)
const FROM = Number(process.env['OUTLAY_ORACLE_FROM'] ?? 1)
const TASKS = 160
const VIEWS = Object.keys(ORACLE) as OracleViewName[]
const DIFFERENCES_SHOWN = 12

let ledger: TestLedger
let database: OracleDatabase
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await createOracleDatabase(ledger)
})
afterAll(() => ledger.close())

/** The plain question and a random one, of each kind of row that the view has. */
const questionsOf = (world: World, view: KpiViewName): readonly Asked[] => {
  const { by } = kpiViewOf(view)
  const random = createRandom('questions', world.seed, view)
  const kinds = by.length === 0 ? [''] : by
  return kinds.flatMap((kind) => [
    ...(kind === random.pick(kinds) ? [plainQuestion(world, kind)] : []),
    randomQuestion(world, random, kind),
  ])
}

const differencesOf = async (oracle: OracleLedger, view: OracleViewName, asked: Asked): Promise<readonly string[]> => {
  const question = askable(view, asked)
  const args = argumentsOf(view, question)
  const got = await readView<FoundRow>(ledger, database.database, view, args)
  const want = ORACLE[view](oracle, question)
  return compareRows(view, got, want).map(
    (difference) => `${view}(${JSON.stringify(args)}): ${describeDifference(difference)}`,
  )
}

describe('every cell of every view', () => {
  test.each(Array.from({ length: SEEDS }, (_, index) => String(FROM + index)))(
    'is what plain loops over the raw entries say, seed %s',
    async (seed) => {
      const world = createWorld(seed)
      const oracle = await database.fill(
        `seed ${seed}`,
        generateEntries(world, TASKS, ledger.book),
        generateFacts(world),
      )
      const asked = VIEWS.flatMap((view) => questionsOf(world, view).map((question) => ({ view, question })))
      const differences = await Promise.all(asked.map(({ view, question }) => differencesOf(oracle, view, question)))
      expect(differences.flat().slice(0, DIFFERENCES_SHOWN)).toEqual([])
    },
  )
})
