import { KPI_VIEWS, kpiStatement, kpiViewOf, prepareDatabase } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { seedLedger } from '../dashboards/seeded-calls.ts'
import { seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { EVERY_TYPE, fillEveryType, readEveryType } from './every-type.ts'
import { type GoPrograms, prepareGoPrograms } from './go-programs.ts'
import {
  connectionTo,
  type DriverReport,
  type Plain,
  runSqlClient,
  type SqlColumn,
  type SqlStatement,
} from './run-sql-client.ts'

const SETUP_MS_MAX = 1_200_000
/** As the provisioned data source names it. */
const DATABASE = 'outlay'
const RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system%'"
const LONG = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
/** What has no default, of a window that the seeded calls are in. */
const ARGUMENTS = {
  from_time: seconds('2026-10-13T00:00:00Z'),
  to_time: seconds('2026-10-20T00:00:00Z'),
  as_of: seconds('2026-10-20T00:00:00Z'),
  feature: 'agent',
  dimension: 'tenant',
  other_book: 'current',
  provider: 'openai',
}

let programs: GoPrograms
let ledger: TestLedger

beforeAll(async () => {
  programs = await prepareGoPrograms()
  if ('missing' in programs) {
    process.stderr.write(`ClickHouse's Go driver is skipped: this machine lacks ${programs.missing}.\n`)
    return
  }
  ledger = await startTestLedger()
  const { client, book } = ledger
  await prepareDatabase({ client, target: { database: DATABASE }, book, clock: systemClock })
  await seedLedger(ledger, DATABASE)
  await fillEveryType(client, DATABASE)
}, SETUP_MS_MAX)

afterAll(async () => {
  if (!('missing' in programs)) await ledger.close()
})

const skipWithoutGo = ({ skip }: TestContext): void => {
  if ('missing' in programs) skip(`this machine lacks ${programs.missing}`)
}

const sqlClient = (): string => {
  if ('missing' in programs) throw new Error('BUG: no Go programs to run')
  return programs.paths['sql-client']
}

const drive = (
  statements: readonly SqlStatement[],
  { more = {}, cancelAfter }: { readonly more?: Record<string, unknown>; readonly cancelAfter?: Promise<void> } = {},
): Promise<DriverReport> =>
  runSqlClient(sqlClient(), { connection: { ...connectionTo(ledger, DATABASE), ...more }, statements }, cancelAfter)

/** Of one statement. */
const answerTo = async (statement: SqlStatement): Promise<DriverReport['answers'][number]> => {
  const { pingError, answers } = await drive([statement])
  const [answer] = answers
  if (answer === undefined) throw new Error(`the driver could not connect: ${pingError}`)
  return answer
}

/** What @clickhouse/client reads, as the same user. */
const read = async (query: string, query_params: Record<string, unknown> = {}) => {
  const result = await ledger.reader.query({ query, query_params, format: 'JSONCompact' })
  const { meta = [], data } = await result.json<Plain[]>()
  return { columns: meta, rows: data }
}

/** The driver names this one without its zone. */
const asDriverNames = (type: string): string => (type === "DateTime('UTC')" ? 'DateTime' : type)

/** No rows are no bytes in Native over HTTP (ClickHouse issue 55939): then the driver knows of no columns. */
const columnsInGo = ({ columns, rows }: Awaited<ReturnType<typeof read>>): readonly SqlColumn[] | undefined =>
  rows.length === 0 ? undefined : columns.map(({ name, type }) => ({ name, type: asDriverNames(type) }))

/** A parameter as text in ClickHouse's own form. */
const parameterText = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map((item) => `'${String(item)}'`).join(', ')}]` : String(value)

describe('a connection of the Go driver', () => {
  test('is greeted with the name, version and zone of the engine, and pings', async (context) => {
    skipWithoutGo(context)
    const report = await drive([])
    const { rows } = await read("SELECT arrayStringConcat(arraySlice(splitByChar('.', version()), 1, 3), '.')")
    expect(report).toMatchObject({
      displayName: 'outlay-embedded',
      version: rows[0]?.[0],
      revision: 0,
      timezone: 'UTC',
    })
    expect(report.pingError).toBeUndefined()
  })

  test('with a wrong password is told so', async (context) => {
    skipWithoutGo(context)
    const report = await drive([], { more: { username: 'migrator', password: 'wrong' } })
    expect(report.pingError).toContain('Code: 516')
    expect(report.pingError).toContain('AUTHENTICATION_FAILED')
  })

  test('reads an answer without rows', async (context) => {
    skipWithoutGo(context)
    const answer = await answerTo({ sql: 'SELECT * FROM calls WHERE 0', way: 'query' })
    expect(answer).toMatchObject({ rowCount: 0, cancelled: false })
    expect(answer.error).toBeUndefined()
  })

  test('reads 200,000 rows, each as it was written', async (context) => {
    skipWithoutGo(context)
    const sql = 'SELECT toString(number), sipHash64(number) FROM numbers(200000) ORDER BY number'
    const digest = createHash('sha256')
    for (const row of (await read(sql)).rows) digest.update(`${JSON.stringify(row)}\n`)
    expect(await answerTo({ sql, way: 'digest' })).toMatchObject({ rowCount: 200_000, digest: digest.digest('hex') })
  })

  test('is told the code, the name and the reason of a failure', async (context) => {
    skipWithoutGo(context)
    const { error } = await answerTo({ sql: 'SELECT no_such_column FROM calls', way: 'query' })
    expect(error).toMatch(/Code: 47\b.*no_such_column.*UNKNOWN_IDENTIFIER/s)
  })

  test('may not write, whichever way it tries', async (context) => {
    skipWithoutGo(context)
    const before = (await read(`SELECT count() FROM ${DATABASE}.every_type`)).rows
    const { answers } = await drive([
      { sql: 'INSERT INTO every_type (position) VALUES (1)', way: 'exec' },
      { sql: 'INSERT INTO every_type (position)', way: 'batch' },
      { sql: 'DROP TABLE every_type', way: 'exec' },
      { sql: 'TRUNCATE TABLE every_type', way: 'exec' },
    ])
    for (const { error } of answers) expect(error).toMatch(/Code: (164|497)\b/)
    expect((await read(`SELECT count() FROM ${DATABASE}.every_type`)).rows).toEqual(before)
  })

  test('that is cancelled stops its query in the engine', async (context) => {
    skipWithoutGo(context)
    const running = async (): Promise<number> => {
      const result = await ledger.client.query({ query: RUNNING, format: 'JSONCompactEachRow' })
      const [row] = await result.json<[string]>()
      return Number(row?.[0])
    }
    const hasStarted = async (): Promise<void> => {
      await expect.poll(running, { timeout: 10_000 }).toBe(1)
    }
    const { answers } = await drive([{ sql: LONG, way: 'query' }], { cancelAfter: hasStarted() })
    expect(answers).toMatchObject([{ cancelled: true }])
    await expect.poll(running, { timeout: 10_000 }).toBe(0)
  })

  test('shares a pool of four, each query with its own parameters and answer', async (context) => {
    skipWithoutGo(context)
    const numbers = Array.from({ length: 16 }, (_, index) => String(index))
    const sql = 'SELECT {n:UInt64}, sum(sipHash64(number + {n:UInt64})) FROM numbers(100000)'
    const report = await drive(
      numbers.map((n) => ({ sql, parameters: { n }, way: 'query' })),
      { more: { maxIdleConns: '4' } },
    )
    const expected = await Promise.all(numbers.map(async (n) => (await read(sql, { n })).rows))
    expect(report.answers.map(({ rows }) => rows)).toEqual(expected)
    expect(report.idleConnections).toBe(4)
  })
})

describe('values in Go', () => {
  test('of every type that the ledger stores, and of those that others have, equal what the JS client reads', async (context) => {
    skipWithoutGo(context)
    const { types, plain } = await readEveryType(ledger, DATABASE)
    const { columns = [], rows, error } = await answerTo({ sql: EVERY_TYPE, way: 'query' })
    expect(error).toBeUndefined()
    expect(columns.map(({ type }) => type)).toEqual(types.map(asDriverNames))
    expect(rows).toEqual(plain)
  })

  test.for(KPI_VIEWS)('of $name equal what the JS client reads', async ({ name }, context) => {
    skipWithoutGo(context)
    const { parameters: taken } = kpiViewOf(name)
    const args = Object.fromEntries(Object.entries(ARGUMENTS).filter(([key]) => taken.some((one) => one === key)))
    const { query, query_params } = kpiStatement(DATABASE, name, args)
    const parameters = Object.fromEntries(
      Object.entries(query_params).map(([key, value]) => [key, parameterText(value)]),
    )
    const expected = await read(query, query_params)
    const answer = await answerTo({ sql: query, parameters, way: 'query' })
    expect(answer.error).toBeUndefined()
    expect(answer.columns).toEqual(columnsInGo(expected))
    expect(answer.rows ?? []).toEqual(expected.rows)
  })
})
