/** Fills the ledger once: calls, the facts that the views join, and every table merged to one part per month. */
import { assert, OutlayError } from '@outlay/core'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import { LEDGER_TABLES, TARGETS } from './counters-targets.ts'
import { createCallGenerator } from './generated-calls.ts'
import { QUARTER_FROM } from './period.ts'

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
const MERGE_POLL_MS = 500
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
  await mergeParts(ledger, say)
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

/** Tenants, users and revenue as the counters know them: the joins of the views meet a row for everyone. */
const insertFacts = async ({ client, database }: BenchLedger): Promise<void> => {
  const statements = [
    `INSERT INTO ${database}.tenants (tenant, name, tier, seats, pool_tokens, arr_usd, renewal_date, valid_from)
      SELECT tenant, upper(tenant), any(tier), uniqExact(user), 2000000 * uniqExact(user), uniqExact(user) * 480, toDate('2027-01-01'), toDateTime({from:UInt32}, 'UTC')
      FROM ${database}.user_counters GROUP BY tenant`,
    `INSERT INTO ${database}.users (user, tenant, tier, signup_month, seat_price_usd, valid_from)
      SELECT user, tenant, any(tier), toDate('2026-01-01'), 40, toDateTime({from:UInt32}, 'UTC')
      FROM ${database}.user_counters WHERE user != '' GROUP BY user, tenant`,
    `INSERT INTO ${database}.revenue (month, scope_kind, scope, amount, currency)
      SELECT arrayJoin([toDate('2026-08-01'), toDate('2026-09-01'), toDate('2026-10-01')]), 'tenant', tenant, seats * 40, 'USD'
      FROM ${database}.tenants`,
  ]
  for (const query of statements) await client.command({ query, query_params: { from: QUARTER_FROM } })
}

interface Partition {
  readonly table: string
  readonly partition_id: string
}

const unmerged = ({ client, database }: BenchLedger): Promise<Partition[]> =>
  rowsOf<Partition>(
    client,
    `SELECT table, partition_id FROM system.parts WHERE active AND database = {database:String} AND table IN {tables:Array(String)}
      GROUP BY ALL HAVING count() > 1 ORDER BY ALL`,
    { database, tables: LEDGER_TABLES },
  )

/** One part per month: no merge is left that could run while something is measured, or look like a rewritten row. */
const mergeParts = async (ledger: BenchLedger, say: (line: string) => void): Promise<void> => {
  for (let left = await unmerged(ledger); left.length > 0; left = await unmerged(ledger)) {
    for (const { table, partition_id } of left) {
      say(`merging ${table}, ${partition_id}`)
      const query = `OPTIMIZE TABLE ${ledger.database}.${table} PARTITION ID '${partition_id}' FINAL`
      // A merge that outlives the request goes on in the engine: the next look at the parts tells.
      await ledger.client.command({ query }).catch(() => delay(MERGE_POLL_MS))
    }
  }
}

/** Every target counts the calls of the ledger; every usage bit says what its meter says. Returns the entries. */
const assertComplete = async ({ client, database }: BenchLedger): Promise<number> => {
  const [calls] = await rowsOf<{ entries: string; calls: string }>(
    client,
    `SELECT count() AS entries, sum(sign * (part = 'main')) AS calls FROM ${database}.calls`,
  )
  for (const target of TARGETS) {
    const [row] = await rowsOf<{ calls: string }>(client, `SELECT sum(calls) AS calls FROM ${database}.${target}`)
    assert(row?.calls === calls?.calls, `${target} counts ${row?.calls} calls, the ledger ${calls?.calls}`)
  }
  return Number(calls?.entries)
}
