/**
 * Two ledgers with the same tenants, users, features, tasks, skus and slots: one with a part of the tasks of the
 * measured ledger, the other with ten calls in the place of each of its calls.
 */
import { METERS, OutlayError } from '@outlay/core'
import { readFileSync } from 'node:fs'
import { type BenchLedger, prepareLedger, rowsOf } from './bench-ledger.ts'
import { LEDGER_TABLES, TARGETS } from './counters-targets.ts'
import { INSERT_SETTINGS } from './generated-calls.ts'
import { insertFacts } from './insert-facts.ts'
import { assertComplete } from './load-ledger.ts'
import { mergeParts } from './merge-parts.ts'

const GROWTH_FACTOR = 10

interface GrowthSettings {
  /** Entries of the larger one, about. */
  readonly rows: number
  readonly entries: number
  readonly say: (line: string) => void
}

export interface GrowthLedgers {
  readonly base: BenchLedger
  readonly dense: BenchLedger
  readonly baseEntries: number
  readonly denseEntries: number
}

const BASE = 'outlay_growth'
const DENSE = 'outlay_growth_dense'
const SHARES = 1_000_000
const ROWS_PER_INSERT = 500_000
const REASONING_BIT = 2 ** METERS.indexOf('output_reasoning')
const densify = readFileSync(new URL('densify.sql', import.meta.url), 'utf8')

const entriesOf = async ({ client, database }: BenchLedger): Promise<number> => {
  const [row] = await rowsOf<{ entries: string }>(client, `SELECT count() AS entries FROM ${database}.calls`)
  return Number(row?.entries)
}

const insertBase = async ({ client, database }: BenchLedger, { rows, entries }: GrowthSettings): Promise<void> => {
  const share = Math.min(SHARES, Math.round((rows / GROWTH_FACTOR / entries) * SHARES))
  await client.command({
    query: `INSERT INTO ${BASE}.calls SELECT * FROM ${database}.calls WHERE cityHash64(tenant, task, 'growth') % ${SHARES} < {share:UInt32}`,
    query_params: { share },
    clickhouse_settings: { ...INSERT_SETTINGS, insert_deduplication_token: 'bench:growth' },
  })
}

const insertDense = async ({ client }: BenchLedger, chunks: number, say: (line: string) => void): Promise<void> => {
  const query = `INSERT INTO ${DENSE}.calls ${densify.replaceAll('{{from}}', `${BASE}.calls`)}`
  for (let copy = 0; copy < GROWTH_FACTOR; copy += 1) {
    say(`loading calls ${copy + 1} of ${GROWTH_FACTOR} on the same dimensions`)
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      await client.command({
        query,
        query_params: { copy, chunk, chunks, reasoning_bit: REASONING_BIT },
        clickhouse_settings: { ...INSERT_SETTINGS, insert_deduplication_token: `bench:growth:${copy}:${chunk}` },
      })
    }
  }
}

/** Both must count what their targets count, or the same dimensions were not met. */
const assertDense = (baseEntries: number, denseEntries: number): void => {
  if (baseEntries > 0 && denseEntries === baseEntries * GROWTH_FACTOR) return
  throw new OutlayError('E_BENCH_DATA', 'the ledgers that growth is measured on are not whole', {
    got: `${baseEntries} and ${denseEntries} entries`,
    want: `one with ${GROWTH_FACTOR} times the entries of the other`,
    fix: 'remove the data directory',
  })
}

/** Loads both anew: what an earlier run left may be of other settings. */
export const loadGrowthLedgers = async (ledger: BenchLedger, settings: GrowthSettings): Promise<GrowthLedgers> => {
  const { say } = settings
  const [base, dense] = [
    { ...ledger, database: BASE },
    { ...ledger, database: DENSE },
  ]
  for (const each of [base, dense]) {
    await ledger.client.command({ query: `DROP DATABASE IF EXISTS ${each.database}` })
    await prepareLedger(ledger, each.database)
  }
  await insertBase(ledger, settings)
  await insertDense(ledger, Math.ceil((await entriesOf(base)) / ROWS_PER_INSERT), say)
  for (const each of [base, dense]) {
    await insertFacts(each)
    await mergeParts(each, { tables: LEDGER_TABLES, say })
  }
  const [baseEntries, denseEntries] = [await assertComplete(base), await assertComplete(dense)]
  assertDense(baseEntries, denseEntries)
  return { base, dense, baseEntries, denseEntries }
}

/** Rows of each target. */
export const rowsOfTargets = async ({ client, database }: BenchLedger): Promise<Readonly<Record<string, number>>> => {
  const rows = await rowsOf<{ table: string; entries: string }>(
    client,
    `SELECT table, sum(rows) AS entries FROM system.parts WHERE active AND database = {database:String} AND table IN {tables:Array(String)} GROUP BY table ORDER BY table`,
    { database, tables: TARGETS },
  )
  return Object.fromEntries(rows.map(({ table, entries }) => [table, Number(entries)]))
}
