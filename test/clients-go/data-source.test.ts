import { prepareDatabase } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { allQueries, type Cell, type QueryResult, runQuery, WINDOW } from '../dashboards/dashboard-runner.ts'
import { seedLedger } from '../dashboards/seeded-calls.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { type GoPrograms, prepareGoPrograms } from './go-programs.ts'
import { connectionTo, type Plain, runSqlClient, type SourceReport } from './run-sql-client.ts'

const SETUP_MS_MAX = 1_200_000
const YEAR_MS = 365 * 86_400_000
/** As the shipped queries name it. */
const DATABASE = 'outlay'
const QUERIES = join(import.meta.dirname, '../../deploy/grafana/queries.json')

/** A shipped query with its variables replaced; its macros are the data source's to expand. */
interface ShippedQuery {
  readonly name: string
  readonly format: number
  readonly substituted: string
}
const shipped = JSON.parse(readFileSync(QUERIES, 'utf8')) as readonly ShippedQuery[]

let programs: GoPrograms
let ledger: TestLedger
let report: SourceReport

interface Asked {
  readonly connection?: Readonly<Record<string, unknown>>
  readonly window?: { readonly fromMs: number; readonly toMs: number }
}

const askSource = ({ connection = {}, window = WINDOW }: Asked = {}): Promise<SourceReport> => {
  if ('missing' in programs) throw new Error('BUG: no Go programs to run')
  return runSqlClient(programs.paths['sql-client'], {
    connection: { ...connectionTo(ledger, DATABASE), ...connection },
    queries: shipped.map(({ name, format, substituted }) => ({ name, format, rawSql: substituted })),
    fromMs: window.fromMs,
    toMs: window.toMs,
  })
}

beforeAll(async () => {
  programs = await prepareGoPrograms()
  if ('missing' in programs) {
    process.stderr.write(`Grafana's SQL layer is skipped: this machine lacks ${programs.missing}.\n`)
    return
  }
  ledger = await startTestLedger()
  const { client, book } = ledger
  await prepareDatabase({ client, target: { database: DATABASE }, book, clock: systemClock })
  await seedLedger(ledger, DATABASE)
  report = await askSource()
}, SETUP_MS_MAX)

afterAll(async () => {
  if (!('missing' in programs)) await ledger.close()
})

const skipWithoutGo = ({ skip }: TestContext): void => {
  if ('missing' in programs) skip(`this machine lacks ${programs.missing}`)
}

const FIELD_TYPES: Readonly<Record<string, string>> = {
  String: 'string',
  UInt64: 'uint64',
  Int64: 'int64',
  Float64: 'float64',
  'Decimal(38, 15)': 'float64',
  Date: 'time.Time',
  "DateTime('UTC')": 'time.Time',
}

/** The type of a frame's field for a column; money is a float there, for frames have no decimals. */
const fieldType = (type: string): string => {
  const inner = /^Nullable\((.*)\)$/.exec(type)?.[1]
  return `${inner === undefined ? '' : '*'}${FIELD_TYPES[inner ?? type] ?? `no field for ${type}`}`
}

const fieldValue = (type: string, cell: Cell): Plain => {
  if (cell === null) return null
  if (type.includes('Int64')) return String(cell)
  if (type.includes('Float64') || type.includes('Decimal')) return Number(cell)
  return type.includes('DateTime') || !type.includes('Date') ? cell : `${cell} 00:00:00`
}

const frameOf = ({ columns, rows }: QueryResult): Pick<SourceReport['frames'][number], 'fields' | 'rows'> => ({
  fields: columns.map(({ name, type }) => ({ name, type: fieldType(type) })),
  rows: rows.map((row) => row.map((cell, index) => fieldValue(columns[index]?.type ?? '', cell))),
})

describe("a data source on Grafana's SQL layer", () => {
  test('is healthy as the reader of the embedded engine', (context) => {
    skipWithoutGo(context)
    expect(report).toMatchObject({ health: 'OK', healthMessage: 'Data source is working' })
  })

  test('with a wrong password is not, and says why', async (context) => {
    skipWithoutGo(context)
    const { health, healthMessage } = await askSource({ connection: { username: 'migrator', password: 'wrong' } })
    expect(health).toBe('ERROR')
    expect(healthMessage).toContain('AUTHENTICATION_FAILED')
  })

  test.for(shipped)('puts what $name answers into a frame, to the last digit', async ({ name }, context) => {
    skipWithoutGo(context)
    const query = allQueries().find((candidate) => candidate.name === name)
    if (query === undefined) throw new Error(`BUG: no dashboard has ${name}`)
    const expected = frameOf(await runQuery(query, { ledger, database: DATABASE }))
    const frame = report.frames.find((candidate) => candidate.name === name)
    expect(frame?.error).toBeUndefined()
    expect({ fields: frame?.fields, rows: frame?.rows }).toEqual(expected)
  })

  test('answers every query of a time without calls, some with no rows and none with an error', async (context) => {
    skipWithoutGo(context)
    const window = { fromMs: WINDOW.fromMs - YEAR_MS, toMs: WINDOW.toMs - YEAR_MS }
    const { frames } = await askSource({ window })
    expect(frames.map(({ name }) => name)).toEqual(shipped.map(({ name }) => name))
    expect(frames.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(frames.some(({ rows }) => rows.length === 0)).toBe(true)
  })
})
