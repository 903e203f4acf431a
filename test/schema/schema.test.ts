/**
 * Everything that a reader of the database can name carries a comment, the header of every view is what the registry
 * says, and the page of the schema says the same.
 */
import { readFileSync } from 'node:fs'
import { KPI_VIEWS } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ColumnUnit } from '../../packages/clickhouse/src/kpi/view-columns.ts'
import type { ViewDefinition } from '../../packages/clickhouse/src/kpi/view-definition.ts'
import { PARAMETER_DEFINITIONS } from '../../packages/clickhouse/src/kpi/view-parameters.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { commentOfAttribute } from './dictionary-columns.ts'
import { readSchema, type Schema } from './read-schema.ts'
import { buildSchemaPage } from './schema-page.ts'
import { readSnapshot, SNAPSHOT_URL, snapshotText } from './schema-snapshot.ts'

const VIEWS: readonly ViewDefinition[] = KPI_VIEWS
const TYPES: Readonly<Record<ColumnUnit, RegExp>> = {
  text: /^String$/,
  verdict: /^String$/,
  count: /^U?Int(8|16|32|64)$/,
  flag: /^U?Int(8|16|32|64)$/,
  tokens: /^Float64$/,
  share: /^Float64$/,
  ratio: /^Float64$/,
  factor: /^Float64$/,
  seconds: /^Float64$/,
  usd: /^Decimal\(38, 15\)$/,
  money: /^Decimal\(38, 15\)$/,
  date: /^Date$/,
  time: /^DateTime\('UTC'\)$/,
}

/** The reference of single entries shows the ledger's own types; the others want a cast in their view. */
const UNUSUAL_TYPES: Readonly<Record<string, string>> = {
  'call_cost.part': 'LowCardinality(String)',
  'call_cost.time': "DateTime64(9, 'UTC')",
  'call_cost.tenant': 'LowCardinality(String)',
  'call_cost.feature': 'LowCardinality(String)',
  'call_cost.provider': 'LowCardinality(String)',
  'call_cost.model': 'LowCardinality(String)',
  'call_cost.missing': 'Array(String)',
  'call_cost.cost_femto9': 'Nullable(Int128)',
  'call_cost.subtotal_femto9': 'Int128',
  'kpi_open_spend.open_since': "DateTime64(3, 'UTC')",
  'kpi_spend_by_currency.day': 'String',
  'kpi_spend_by_currency.rate': 'Nullable(Decimal(18, 9))',
}

let ledger: TestLedger
let schema: Schema
beforeAll(async () => {
  ledger = await startTestLedger()
  schema = await readSchema(ledger.client, await ledger.createDatabase(['openai']))
})
afterAll(() => ledger.close())

describe('a comment', () => {
  test('stands on every table, dictionary, materialized view and view', () => {
    const bare = [...schema.tables, ...schema.views].filter(({ comment }) => comment === '')
    expect(bare.map(({ name }) => name)).toEqual([])
    expect(schema.views.map(({ comment }) => comment)).toEqual(VIEWS.map(({ question }) => question))
  })

  test('stands on every column of a table, and explains every column of a dictionary', () => {
    const { tables } = schema
    const bare = tables.flatMap((table) =>
      table.columns
        .filter((column) =>
          table.engine === 'Dictionary'
            ? commentOfAttribute(table, column, tables) === ''
            : table.engine !== 'MaterializedView' && column.comment === '',
        )
        .map(({ name }) => `${table.name}.${name}`),
    )
    expect(bare).toEqual([])
  })

  test('of a target explains every column of the materialized view that feeds it', () => {
    const unknown = schema.tables
      .filter(({ engine }) => engine === 'MaterializedView')
      .flatMap((feed) => {
        const target = schema.tables.find(({ name }) => name === feed.of)
        return feed.columns.filter((column) => !target?.columns.some(({ name }) => name === column.name))
      })
    expect(unknown).toEqual([])
  })

  test('stands on every parameter and every column of every view', () => {
    expect(Object.entries(PARAMETER_DEFINITIONS).filter(([, { comment }]) => comment.trim() === '')).toEqual([])
    const bare = VIEWS.flatMap(({ name, columns }) =>
      Object.entries(columns)
        .filter(([, { comment }]) => comment.trim() === '')
        .map(([column]) => `${name}.${column}`),
    )
    expect(bare).toEqual([])
  })
})

describe('the header of a view', () => {
  test.each(VIEWS.map((view) => [view.name, view] as const))('%s is what the registry says', (name, view) => {
    const header = schema.views.find((candidate) => candidate.name === name)?.columns ?? []
    expect(header.map(([column]) => column)).toEqual(Object.keys(view.columns))
    const nameless = header.filter(
      ([column, type]) => type.includes('Nullable') && view.columns[column]?.empty === undefined,
    )
    expect(nameless).toEqual([])
    const unusual = header.filter(([column, type]) => {
      const unit = view.columns[column]?.unit
      return unit === undefined || !TYPES[unit].test(type.replace(/^Nullable\((.*)\)$/, '$1'))
    })
    const known = Object.entries(UNUSUAL_TYPES).filter(([place]) => place.startsWith(`${name}.`))
    expect(unusual.map(([column, type]) => [`${name}.${column}`, type])).toEqual(known)
  })
})

describe('the page of the schema', () => {
  test('rests on what the engine says (else: npm run schema:snapshot && npm run generate)', () => {
    expect(readFileSync(SNAPSHOT_URL, 'utf8')).toBe(snapshotText(schema))
  })

  test('is what the snapshot and the registry generate (else: npm run generate)', () => {
    const committed = readFileSync(new URL('../../docs/reference/schema.md', import.meta.url), 'utf8')
    expect(committed).toBe(buildSchemaPage(readSnapshot()))
  })

  test('has no row with another number of cells than its head', () => {
    const cells = (row: string): number => row.replaceAll('\\|', '').split('|').length
    for (const block of buildSchemaPage(readSnapshot())
      .split('\n\n')
      .filter((text) => text.startsWith('|'))) {
      const [head = '', ...body] = block.trimEnd().split('\n')
      expect(body.filter((row) => cells(row) !== cells(head))).toEqual([])
    }
  })
})
