/** Fills the ledger once: calls, the facts that the views join, and every table merged to one part per partition. */
import { assert, METERS, OutlayError } from '@outlay/core'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import { HOT_METERS, LEDGER_TABLES, TARGETS } from './counters-targets.ts'
import { createCallGenerator } from './generated-calls.ts'
import { insertFacts } from './insert-facts.ts'
import { mergeParts } from './merge-parts.ts'

/** What a data directory was loaded with. */
export interface LoadedLedger {
  readonly rowsAsked: number
  readonly entries: number
  readonly tasks: number
  readonly loadSeconds: number
  readonly mergeSeconds: number
}

const MARKER = 'bench-ledger.json'
const TASKS_PER_INSERT = 100_000
const MS_PER_SECOND = 1_000

/** The ledger that an earlier run left in the directory, if it is whole. Fails with `E_BENCH_DATA` where it is another one. */
export const readLoadedLedger = (dataDirectory: string, rows: number): LoadedLedger | undefined => {
  const marker = join(dataDirectory, MARKER)
  if (!existsSync(marker)) return undefined
  const loaded = JSON.parse(readFileSync(marker, 'utf8')) as LoadedLedger
  if (loaded.rowsAsked === rows) return loaded
  throw new OutlayError('E_BENCH_DATA', 'the directory holds a ledger of another size', {
    where: dataDirectory,
    got: String(loaded.rowsAsked),
    want: String(rows),
    fix: 'pass the --rows it was loaded with, or another --data-dir',
  })
}

export const loadLedger = async (
  ledger: BenchLedger,
  {
    dataDirectory,
    rows,
    say,
  }: { readonly dataDirectory: string; readonly rows: number; readonly say: (line: string) => void },
): Promise<LoadedLedger> => {
  await assertEmpty(ledger, dataDirectory)
  const startedAt = performance.now()
  const tasks = await insertCalls(ledger, rows, say)
  await insertFacts(ledger)
  const mergingAt = performance.now()
  await mergeParts(ledger, { tables: LEDGER_TABLES, say })
  const loaded = {
    rowsAsked: rows,
    entries: await assertComplete(ledger),
    tasks,
    loadSeconds: (mergingAt - startedAt) / MS_PER_SECOND,
    mergeSeconds: (performance.now() - mergingAt) / MS_PER_SECOND,
  }
  writeFileSync(join(dataDirectory, MARKER), `${JSON.stringify(loaded)}\n`)
  return loaded
}

const assertEmpty = async ({ client, database }: BenchLedger, dataDirectory: string): Promise<void> => {
  const [row] = await rowsOf<{ entries: string }>(client, `SELECT count() AS entries FROM ${database}.calls`)
  if (row?.entries === '0') return
  throw new OutlayError('E_BENCH_DATA', 'the directory holds a ledger that is not from a whole run of this benchmark', {
    where: dataDirectory,
    fix: 'remove it, or pass another --data-dir',
  })
}

const insertCalls = async (
  { client, database, book }: BenchLedger,
  rows: number,
  say: (line: string) => void,
): Promise<number> => {
  const generator = await createCallGenerator(client, database, book)
  const tasks = await generator.tasksFor(rows)
  for (let first = 0; first < tasks; first += TASKS_PER_INSERT) {
    await generator.insert({ first, count: Math.min(TASKS_PER_INSERT, tasks - first), tasks })
    say(`loaded ${Math.min(first + TASKS_PER_INSERT, tasks)} of ${tasks} tasks`)
  }
  return tasks
}

/** Every target counts the calls of the ledger and has the columns that the floors sum. Returns the entries. */
export const assertComplete = async ({ client, database }: BenchLedger): Promise<number> => {
  const [calls] = await rowsOf<{ entries: string; calls: string }>(
    client,
    `SELECT count() AS entries, sum(sign * (part = 'main')) AS calls FROM ${database}.calls`,
  )
  for (const target of TARGETS) {
    const [row] = await rowsOf<{ calls: string }>(client, `SELECT sum(calls) AS calls FROM ${database}.${target}`)
    assert(row?.calls === calls?.calls, `${target} counts ${row?.calls} calls, the ledger ${calls?.calls}`)
  }
  const meters = await rowsOf<{ name: string }>(
    client,
    `SELECT DISTINCT name FROM system.columns WHERE database = {database:String} AND table IN {targets:Array(String)} AND name IN {meters:Array(String)} ORDER BY name`,
    { database, targets: TARGETS, meters: METERS },
  )
  const columns = meters.map(({ name }) => name).join(' ')
  assert(columns === HOT_METERS.toSorted().join(' '), `counters have columns for ${columns}`)
  return Number(calls?.entries)
}
