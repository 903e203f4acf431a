/**
 * A database with counters of an earlier shape gets those of today, summed again from the ledger (decision 11): the same
 * rows as in a database that counted every call as it came, also when an attempt failed on the way.
 */
import { readFileSync } from 'node:fs'
import { callsTable, type CallRow, connect, migrate, writeRows } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabaseGate } from '../harness/database-gate.ts'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** The shapes there were. */
const A_COLUMN_PER_METER = ['0014-tenant-counters', '0015-tenant-counters-mv']
const CALLS_WITHOUT_CHARGES = ['0114-tenant-counters', '0115-tenant-counters-mv']
const TARGETS = ['task', 'user', 'tenant', 'budget', 'overage', 'degradation', 'feature', 'product'].map(
  (name) => `${name}_counters`,
)
/** What a database gets together: settlement trusts the index as readers trust the counters. */
const SUMMED = [...TARGETS, 'entry_index']
const COUNTERS = "match(name, '-counters(-mv)?$')"

const AT = '2026-10-15T10:00:00Z'
const RETRY: CallSpec = { id: 2, at: AT, model: 'gpt-5', meters: { input: 700 }, attribution: { attempt: 2 } }
const CALLS: readonly CallSpec[] = [
  { id: 1, at: AT, model: 'gpt-5', meters: { input: 1_000, cache_read: 300, output: 100 } },
  RETRY,
  {
    id: 3,
    at: '2026-11-02T10:00:00Z',
    model: 'gpt-5',
    meters: { input: 10, input_audio: 7, web_search: 2 },
    attribution: { tenant: 'globex', user: 'h_3', session: 's1', turn: '1', outcome: 'success' },
  },
  {
    id: 4,
    at: AT,
    model: 'gpt-4.1',
    meters: { input: 50, output: 5 },
    attribution: { subject: 'account', user: '' },
    control: { intendedModel: 'gpt-5', overagePattern: 'soft_cap', overageAction: 'degraded' },
  },
  // Charged, and no call.
  { id: 1, part: 'advisor:1', at: AT, model: 'gpt-5', meters: { input: 40, output: 2 } },
]
const LATER: readonly CallSpec[] = [{ ...RETRY, meters: { input: 900, output: 40 } }]

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
})
afterAll(() => ledger.close())

const rowsOf = async <Row>(query: string): Promise<Row[]> =>
  (await ledger.client.query({ query, format: 'JSONEachRow' })).json<Row>()

/** Every row of every target, merged. */
const countersOf = async (): Promise<Readonly<Record<string, readonly unknown[]>>> =>
  Object.fromEntries(
    await Promise.all(
      SUMMED.map(async (target) => [target, await rowsOf(`SELECT * FROM ${database}.${target} FINAL ORDER BY ALL`)]),
    ),
  )

/** A charge each, then a correction of one of them: a reversal and another charge. */
const post = async (): Promise<void> => {
  const first = entriesFor(ledger.book, CALLS)
  await writeRows(ledger.client, database, callsTable, { rows: first, token: 'first' })
  const before: readonly CallRow[] = entriesFor(ledger.book, [RETRY])
  const rows = entriesFor(ledger.book, LATER, before)
  expect(new Set(rows.map(({ sign }) => sign))).toEqual(new Set([-1, 1]))
  await writeRows(ledger.client, database, callsTable, { rows, token: 'later' })
}

const run = (query: string): Promise<unknown> => ledger.client.command({ query })

/** As if counters had never been made. */
const forgetCounters = async (): Promise<void> => {
  for (const target of TARGETS) {
    await run(`DROP TABLE IF EXISTS ${database}.${target}_mv SYNC`)
    await run(`DROP TABLE IF EXISTS ${database}.${target} SYNC`)
  }
  await run(`DELETE FROM ${database}.schema_migrations WHERE ${COUNTERS}`)
}

/** What the release before this one left: a target of an earlier shape, full, its feed, and what was recorded of them. */
const makeOld = async (retired: readonly string[]): Promise<void> => {
  await forgetCounters()
  const [table = '', feed = ''] = retired.map((name) =>
    readFileSync(new URL(`../fixtures/retired-migrations/${name}.sql`, import.meta.url), 'utf8').replaceAll(
      '{{db}}',
      database,
    ),
  )
  await run(table)
  await run(feed)
  await run(`INSERT INTO ${database}.tenant_counters ${feed.slice(feed.indexOf('SELECT'))}`)
  for (const name of retired) {
    await run(`INSERT INTO ${database}.schema_migrations (name, checksum) VALUES ('${name}', 'retired')`)
  }
}

describe('a database with counters of an earlier shape', () => {
  let expected: Readonly<Record<string, readonly unknown[]>>
  beforeAll(async () => {
    database = await ledger.createDatabase(['openai'])
    await post()
    expected = await countersOf()
  })

  test('gets the counters that counted every call as it came', async () => {
    expect(Object.values(expected).map((rows) => rows.length > 0)).toEqual(SUMMED.map(() => true))
    await makeOld(CALLS_WITHOUT_CHARGES)
    const { applied } = await migrate(ledger.client, { database })
    expect(applied).toContain('0144-tenant-counters')
    expect(await countersOf()).toEqual(expected)
    expect((await migrate(ledger.client, { database })).applied).toEqual([])
  })

  test('gets them by the next attempt when the answer to a refill was lost', async () => {
    await makeOld(A_COLUMN_PER_METER)
    const gate = await openDatabaseGate(ledger.engine.url, 'loses_answers')
    const cut = connect({ url: gate.url, ...ledger.engine.credentials.migrator, database: 'default' })
    await expect(migrate(cut, { database })).rejects.toThrow(/socket|ECONNRESET/)
    expect(gate.lostAnswers).toBeGreaterThan(0)
    await cut.close()
    await gate.close()
    await migrate(ledger.client, { database })
    expect(await countersOf()).toEqual(expected)
  })

  test('gets them by the next attempt when the one before ended after it had dropped the old ones', async () => {
    await forgetCounters()
    await migrate(ledger.client, { database })
    expect(await countersOf()).toEqual(expected)
  })

  test('counts on, and every target says what the ledger says', async () => {
    const rows = entriesFor(ledger.book, [{ id: 9, at: AT, model: 'gpt-5', meters: { input: 4, page: 3 } }])
    await writeRows(ledger.client, database, callsTable, { rows, token: 'after' })
    const [ledgerSums] = await rowsOf(
      `SELECT sum(sign * (part = 'main')) AS calls, sum(sign) AS charges, sum(sign * input_total) AS input_tokens, sum(sign * output_total) AS output_tokens,
        sum(sign * cache_read) AS cache_read, sum(sign * input_audio) AS audio, sum(sign * units['web_search']) AS searches, sum(sign * units['page']) AS pages
      FROM ${database}.calls`,
    )
    for (const target of TARGETS) {
      const [sums] = await rowsOf(
        `SELECT sum(calls) AS calls, sum(charges) AS charges, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
          sum(cache_read) AS cache_read, sum(rare['input_audio']) AS audio, sum(rare['web_search']) AS searches, sum(rare['page']) AS pages
        FROM ${database}.${target}`,
      )
      expect({ target, sums }).toEqual({ target, sums: ledgerSums })
    }
  })
})
