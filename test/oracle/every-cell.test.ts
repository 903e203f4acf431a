/**
 * Every cell of every view against plain loops over the raw entries, on random ledgers with planted edges.
 *
 * Each seed is asked its part of the questions, so that over the default seeds every view is asked for every kind of row
 * twice: plainly, and with random filters, times and books. OUTLAY_ORACLE_ALL=1 asks every seed everything,
 * OUTLAY_ORACLE_SEEDS=200 asks more seeds, OUTLAY_ORACLE_FROM=7 starts at another one.
 */
import { KPI_VIEWS } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { differencesOf, questionsFor, type Question } from './ask-views.ts'
import { generateEntries } from './generate/entries.ts'
import { generateFacts } from './generate/facts.ts'
import { createWorld, type World } from './generate/world.ts'
import { ORACLE, PROVEN_ELSEWHERE } from './oracle.ts'
import { createOracleDatabase, type OracleDatabase } from './oracle-database.ts'

const DEFAULT_SEEDS = 20
const SEEDS = Number(process.env['OUTLAY_ORACLE_SEEDS'] ?? DEFAULT_SEEDS)
const FROM = Number(process.env['OUTLAY_ORACLE_FROM'] ?? 1)
const ASKS_ALL = process.env['OUTLAY_ORACLE_ALL'] === '1'
const TASKS = 160
const DIFFERENCES_SHOWN = 12

let ledger: TestLedger
let database: OracleDatabase
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await createOracleDatabase(ledger)
})
afterAll(() => ledger.close())

const questionsOf = (world: World, seed: number): readonly Question[] =>
  questionsFor(world).filter((_, place) => ASKS_ALL || place % DEFAULT_SEEDS === seed % DEFAULT_SEEDS)

describe('every cell of every view', () => {
  test('is asked for: a view that the registry gains needs an oracle', () => {
    const known = [...Object.keys(ORACLE), ...PROVEN_ELSEWHERE]
    expect(known.toSorted()).toEqual(KPI_VIEWS.map(({ name }) => name).toSorted())
  })

  test.each(Array.from({ length: SEEDS }, (_, index) => FROM + index))(
    'is what plain loops over the raw entries say, seed %i',
    async (seed) => {
      const world = createWorld(String(seed))
      const entries = generateEntries(world, TASKS, ledger.book)
      const oracle = await database.fill(`seed ${seed}`, entries, generateFacts(world))
      const questions = questionsOf(world, seed)
      const differences = await Promise.all(questions.map((question) => differencesOf(database, oracle, question)))
      expect(differences.flat().slice(0, DIFFERENCES_SHOWN)).toEqual([])
    },
  )
})
