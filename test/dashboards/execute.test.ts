import { parseUsd } from '@outlay/core'
import { foldSku, priceSlotOf, priceUsage } from '@outlay/pricing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settledCallOf } from '../harness/ledger-rows.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { allQueries, type Cell, column, columnsOf, onlyRow, queryNamed, runQuery } from './dashboard-runner.ts'
import { QUOTED_TENANT, SEEDED_CALLS, seedLedger } from './seeded-calls.ts'

let ledger: TestLedger
let empty: string
let seeded: string

beforeAll(async () => {
  ledger = await startTestLedger({ databases: 2 })
  empty = await ledger.createDatabase()
  seeded = await ledger.createDatabase()
  await seedLedger(ledger, seeded)
})
afterAll(() => ledger.close())

/** What a view may hand to the data source: anything else reaches Grafana as text, or not at all. */
const COLUMN_TYPE = /^(Nullable\()?(String|UInt64|Int64|Float64|Decimal\(38, 15\)|Date|DateTime\('UTC'\))\)?$/

const queries = allQueries()
const panels = queries.filter(({ kind }) => kind === 'panel')
const variables = queries.filter(({ kind }) => kind === 'variable')

describe.each(['an empty', 'a seeded'])('on %s ledger', (which) => {
  const database = (): string => (which === 'an empty' ? empty : seeded)

  test.each(panels)('$name answers with the columns it names, in types that Grafana reads', async (query) => {
    const { columns } = await runQuery(query, { ledger, database: database() })
    expect(columns.map(({ name }) => name)).toEqual(columnsOf(query))
    const others = columns
      .filter(({ type }) => !COLUMN_TYPE.test(type))
      .map(({ name, type }) => `${query.name} ${name} ${type}`)
    expect(others).toEqual([])
  })

  test.each(variables)('$name answers with one column of texts, none of them empty or repeated', async (query) => {
    const { columns, rows } = await runQuery(query, { ledger, database: database() })
    expect(columns.map(({ type }) => type)).toEqual(['String'])
    const values = rows.map(([value]) => value)
    expect(values).not.toContain('')
    expect(new Set(values).size).toBe(values.length)
  })
})

describe('a choice of values', () => {
  test.each(panels)('$name runs with one tenant that has a quote in its name, and with two', async (query) => {
    for (const tenant of [[QUOTED_TENANT], [QUOTED_TENANT, 'acme']]) {
      const { columns } = await runQuery(query, { ledger, database: seeded, values: { tenant } })
      expect(columns.map(({ name }) => name)).toEqual(columnsOf(query))
    }
  })

  test('narrows the tables to it', async () => {
    const tenants = async (tenant: 'all' | string[]): Promise<readonly Cell[]> => {
      const table = await runQuery(queryNamed('panel 303 A'), { ledger, database: seeded, values: { tenant } })
      return column(table, 'tenant')
        .map(String)
        .sort((a, b) => a.localeCompare(b))
    }
    expect(await tenants('all')).toEqual(['acme', 'globex', QUOTED_TENANT])
    expect(await tenants([QUOTED_TENANT])).toEqual([QUOTED_TENANT])
    expect(await tenants([QUOTED_TENANT, 'acme'])).toEqual(['acme', QUOTED_TENANT])
    expect(await tenants(['nobody'])).toEqual([])
  })

  test('of a feature with a quote passes through views that call views', async () => {
    const totals = await runQuery(queryNamed('panel 701 A'), {
      ledger,
      database: seeded,
      values: { feature: ["it's search"] },
    })
    expect(onlyRow(totals)).toMatchObject({ top1: 1 })
  })

  test('comes from lists of what the ledger holds, the dearest first', async () => {
    const list = async (name: string): Promise<readonly Cell[]> => {
      const { rows } = await runQuery(queryNamed(`variable ${name}`), { ledger, database: seeded })
      return rows.map(([value]) => value ?? null)
    }
    expect(await list('tenant')).toEqual(['globex', QUOTED_TENANT, 'acme'])
    expect(await list('feature')).toEqual(['agent', "it's search", 'support-chat', 'lab'])
    expect(await list('tier')).toEqual(['free', 'team', 'pro'])
    expect(await list('environment')).toEqual(['test', 'staging'])
  })
})

describe('time', () => {
  test.each(queries)('$name answers the same in a session set to New York', async (query) => {
    const utc = await runQuery(query, { ledger, database: seeded })
    const newYork = await runQuery(query, {
      ledger,
      database: seeded,
      settings: { session_timezone: 'America/New_York' },
    })
    expect(newYork).toEqual(utc)
  })
})

describe('figures', () => {
  test('of the headline equal the reference to the last digit', async () => {
    const costs = SEEDED_CALLS.map((spec) => {
      const call = settledCallOf(spec)
      const parts = foldSku(call.selectors, { ...call, startMs: Date.parse(spec.at) }, ledger.book)
      return priceUsage(ledger.book, { parts, slot: priceSlotOf(Date.parse(spec.at)), usage: call.meters })
    })
    const spend = costs.reduce((sum, { costFemto }) => sum + (costFemto ?? 0n), 0n)
    expect(spend).toBeGreaterThan(0n)
    const row = onlyRow(await runQuery(queryNamed('panel 1 A'), { ledger, database: seeded }))
    expect(parseUsd(String(row['spend_usd']))).toBe(spend)
    expect(row).toMatchObject({ priced_share: 0.8, unattributed_share: 0 })
  })

  test('without any call are NULL, never 0 per task or per user', async () => {
    const task = onlyRow(await runQuery(queryNamed('panel 201 A'), { ledger, database: empty }))
    expect(task).toMatchObject({ median_user_usd: null, priced_share: null, seat_ratio: null })
  })

  test('of the eight verdicts come as eight rows in order, each with a word that the page maps', async () => {
    const table = await runQuery(queryNamed('panel 2 A'), { ledger, database: seeded })
    expect(column(table, 'kpi').map(Number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    for (const band of column(table, 'band')) expect(['ok', 'watch', 'warn', 'act', 'low', 'none']).toContain(band)
  })

  test('of a workload stand alone in their bar, against the band of that workload', async () => {
    const [chat, agent, rag] = await Promise.all(
      ['A', 'B', 'C'].map((refId) => runQuery(queryNamed(`panel 103 ${refId}`), { ledger, database: seeded })),
    )
    for (const [result, name] of [
      [chat, 'chat'],
      [agent, 'agent'],
      [rag, 'rag'],
    ] as const) {
      expect(result?.columns.map((field) => field.name)).toEqual([name])
      expect(Number(result?.rows[0]?.[0])).toBeGreaterThan(0)
    }
  })
})
