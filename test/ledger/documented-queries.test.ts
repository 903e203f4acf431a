/** The page of the KPIs is held to the views: its queries run, its columns and bands are those that exist. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BANDS, KPI_VIEWS } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ViewDefinition } from '../../packages/clickhouse/src/kpi/view-definition.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/kpis.md'), 'utf8')
const queries = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = '']) => {
  const [, view = '', parameters = ''] = /FROM outlay\.(\w+)\((.*)\)/s.exec(sql) ?? []
  return { view, sql, parameters: [...parameters.matchAll(/(\w+) =/g)].map(([, name]) => name) }
})

const VIEWS: readonly ViewDefinition[] = KPI_VIEWS

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase()
})
afterAll(() => ledger.close())

const columnsOf = async (sql: string): Promise<readonly string[]> => {
  const query = sql.replace('FROM outlay.', `FROM ${database}.`)
  const { meta } = await (await ledger.reader.query({ query, format: 'JSON' })).json()
  return (meta ?? []).map(({ name }) => name)
}

describe('the page of the KPIs', () => {
  test('has one query of every view', () => {
    expect(queries.map(({ view }) => view).toSorted()).toEqual(KPI_VIEWS.map(({ name }) => name).toSorted())
  })

  test('names every band', () => {
    expect(Object.keys(BANDS).filter((band) => !page.includes(`\`${band}\``))).toEqual([])
  })

  test.each(queries)('$view: its query runs and gives all parameters', async ({ view, sql, parameters }) => {
    expect(parameters).toEqual(VIEWS.find(({ name }) => name === view)?.parameters)
    expect(await columnsOf(sql)).not.toEqual([])
  })

  // That the registry has the columns of the views: test/schema.
  test.each(VIEWS)('$name: its columns are listed in their order, and what by may be', ({ name, columns, by }) => {
    const [, list = ''] = new RegExp(`Columns of \`${name}\`[^:]*:([^.]*)\\.`).exec(page) ?? []
    expect([...list.matchAll(/`(\w+)`/g)].map(([, column]) => column)).toEqual(Object.keys(columns))
    const before =
      page
        .slice(0, page.indexOf(`Columns of \`${name}\``))
        .split('```')
        .at(-1) ?? ''
    const [, listedBy = ''] = /`by`:(.*)/.exec(before) ?? []
    expect([...listedBy.matchAll(/`(\w+)`/g)].map(([, value]) => value)).toEqual(by)
  })
})
