import { KPI_VIEWS, type KpiArguments, type KpiViewName, kpiViewOf, queryKpi } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderCsv, renderMarkdown } from '../../packages/cli/src/kpi/render-files.ts'
import { renderView } from '../../packages/cli/src/kpi/render-view.ts'
import type { ViewAnswer } from '../../packages/cli/src/kpi/view-answer.ts'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, type Outcome, readerOf } from '../harness/run-outlay.ts'
import { postCalls, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const AS_OF = '2026-11-01'
const FROM = '2026-10-02'
/** A name that every format has to quote in its own way. */
const ODD_TENANT = 'o"brien, | sons'

let ledger: TestLedger
let database: string

let nextId = 1
const call = (at: string, input: number, more: Partial<CallSpec> = {}): CallSpec => {
  nextId += 1
  const { attribution } = more
  return {
    id: nextId,
    at: `2026-${at}:00Z`,
    model: 'gpt-5',
    meters: { input, output: 100 },
    ...more,
    attribution: { feature: 'search', workload: 'agent', route: '/search', session: 's-1', ...attribution },
  }
}
const of = (task: string, tenant = 'acme') => ({ attribution: { task, tenant } })

/** `search` made one call of gpt-5 per task; now it makes two, one of them by gpt-5-mini, with longer prompts. */
const CALLS: readonly CallSpec[] = [
  call('09-10T09:00', 1_000, of('then-1')),
  call('09-11T09:00', 1_400, of('then-2')),
  call('10-10T09:00', 3_000, of('now-1')),
  call('10-10T09:05', 1_000, { ...of('now-1'), model: 'gpt-5-mini' }),
  call('10-20T09:00', 2_000, of('now-2', 'globex')),
  call('10-20T10:05', 1_000, { ...of('now-2', 'globex'), model: 'gpt-5-mini', meters: { input: 500, cache_read: 500, output: 10 } }),
  call('10-21T09:00', 9_000, { ...of('now-3'), model: 'made-up' }),
  call('10-22T09:00', 700, {
    attribution: { tenant: ODD_TENANT, feature: 'chat', workload: 'chat', task: 'odd', tool: 'lookup', outcome: 'success' },
    control: { intendedModel: 'gpt-5.6-sol', overagePattern: 'soft_cap', overageAction: 'degraded' },
  }),
]

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  await postCalls(ledger, database, entriesFor(ledger.book, CALLS), 'calls')
})
afterAll(() => ledger.close())

const outlay = (...args: string[]): Promise<Outcome> =>
  runProgram([...args, '--database', database], { ...readerOf(ledger), COLUMNS: '120' })
const answer = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await outlay(...args)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

const typed = (name: string): string => name.replace('kpi_', '').replaceAll('_', '-')

/** What each view is asked here, as options and as arguments. */
const questionOf = (name: KpiViewName): { readonly flags: readonly string[]; readonly args: KpiArguments } => {
  const { parameters } = kpiViewOf(name)
  const parts: readonly (readonly [string, readonly string[], KpiArguments])[] = [
    ['to_time', ['--from', FROM, '--to', AS_OF], { from_time: seconds(FROM), to_time: seconds(AS_OF) }],
    ['as_of', ['--as-of', AS_OF], { as_of: seconds(AS_OF) }],
    ['feature', ['--feature', 'search'], { feature: 'search' }],
    ['dimension', ['--dimension', 'tenant'], { dimension: 'tenant' }],
    ['provider', ['--provider', 'openai'], { provider: 'openai' }],
    ['other_book', ['--other-book', 'r1'], { other_book: 'r1' }],
  ]
  const used = parts.filter(([parameter]) => parameters.some((taken) => taken === parameter))
  return { flags: used.flatMap(([, flags]) => flags), args: Object.assign({}, ...used.map(([, , args]) => args)) }
}

/** Fields of one record per line; no field of this ledger holds a line break. */
const csvRecords = (text: string): readonly (readonly string[])[] =>
  text
    .split('\r\n')
    .slice(0, -1)
    .map((line) =>
      [...line.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|[^",]*)(?=,|$)/g)].map(
        ([plain, quoted]) => quoted?.replaceAll('""', '"') ?? plain,
      ),
    )

const csvText = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : String(value ?? ''))

const PLAIN = { color: false, width: 120 }

describe('every view of the registry', () => {
  test.each(KPI_VIEWS.map(({ name }) => name))('%s answers in four forms what the view answers', async (name) => {
    const { flags, args } = questionOf(name)
    const [rows, json] = await Promise.all([
      queryKpi<Record<string, unknown>>(ledger.reader, database, name, args),
      answer('kpi', typed(name), ...flags, '--json'),
    ])
    const told = JSON.parse(json) as ViewAnswer
    expectDocumentedShape('kpi-view', told)
    expect(told).toMatchObject({ view: name, rows })
    const names = told.columns.map((column) => column.name)
    for (const row of rows) expect(Object.keys(row)).toEqual(names)
    expect(csvRecords(renderCsv(told))).toEqual([names, ...rows.map((row) => names.map((column) => csvText(row[column])))])
    expect(renderMarkdown(told).match(/^\| /gm)).toHaveLength(2 + rows.length)
    const table = renderView(told, PLAIN)
    expect(rows.length === 0 ? [] : names.filter((column) => !table.includes(column))).toEqual([])
    // A NULL without words in the registry would be a bare dash.
    const silent = told.columns.filter(({ name: column, empty }) => empty === undefined && rows.some((row) => row[column] === null))
    expect(silent).toEqual([])
  })
})
