import { KPI_VIEWS, type KpiArguments, type KpiViewName, kpiViewOf, queryKpi } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExplainedFeature } from '../../packages/cli/src/explain/explain-feature.ts'
import type { AnswerRow } from '../../packages/cli/src/explain/feature-drivers.ts'
import type { Figure } from '../../packages/cli/src/kpi/format-figure.ts'
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
  call('10-20T10:05', 1_000, {
    ...of('now-2', 'globex'),
    model: 'gpt-5-mini',
    meters: { input: 500, cache_read: 500, output: 10 },
  }),
  call('10-21T09:00', 9_000, { ...of('now-3'), model: 'made-up' }),
  call('10-22T09:00', 700, {
    attribution: {
      tenant: ODD_TENANT,
      feature: 'chat',
      workload: 'chat',
      task: 'odd',
      tool: 'lookup',
      outcome: 'success',
    },
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

const csvText = (value: Figure | undefined): string => (Array.isArray(value) ? value.join(' ') : String(value ?? ''))

const PLAIN = { color: false, width: 120 }

describe('every view of the registry', () => {
  test.each(KPI_VIEWS.map(({ name }) => name))('%s answers in four forms what the view answers', async (name) => {
    const { flags, args } = questionOf(name)
    const [rows, json] = await Promise.all([
      queryKpi<Record<string, Figure>>(ledger.reader, database, name, args),
      answer('kpi', typed(name), ...flags, '--json'),
    ])
    const told = JSON.parse(json) as ViewAnswer
    expectDocumentedShape('kpi-view', told)
    expect(told).toMatchObject({ view: name, rows })
    const names = told.columns.map((column) => column.name)
    for (const row of rows) expect(Object.keys(row)).toEqual(names)
    expect(csvRecords(renderCsv(told))).toEqual([
      names,
      ...rows.map((row) => names.map((column) => csvText(row[column]))),
    ])
    expect(renderMarkdown(told).match(/^\| /gm)).toHaveLength(2 + rows.length)
    const table = renderView(told, PLAIN)
    expect(rows.length === 0 ? [] : names.filter((column) => !table.includes(column))).toEqual([])
    // A NULL without words in the registry would be a bare dash.
    const silent = told.columns.filter(
      ({ name: column, empty }) => empty === undefined && rows.some((row) => row[column] === null),
    )
    expect(silent).toEqual([])
  })
})

const WINDOW = ['--from', FROM, '--as-of', AS_OF]

describe('outlay kpi', () => {
  test('prints a view as text, Markdown or CSV, filtered, with every value in it as it is', async () => {
    const question = ['kpi', 'Task_Cost', '--by', 'tenant', ...WINDOW, '--where', 'tenant=acme,o"brien\\, | sons']
    const table = await answer(...question)
    expect(table).toContain(
      `${database} · 2026-10-02 00:00 to 2026-11-01 00:00 UTC · by tenant · tenants acme, ${ODD_TENANT} ·`,
    )
    expect(table).toMatch(/^o"brien, \| sons +chat +1 +1 +\$0\.0019 +0 +100\.0 %/m)
    expect(table).not.toContain('globex')
    expect(Math.max(...table.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120)
    expect(await answer(...question, '--md')).toContain('| o"brien, \\| sons | chat | 1 | 1 | $0.0019 |')
    expect(csvRecords(await answer(...question, '--csv')).map(([key, , , calls, cost]) => [key, calls, cost])).toEqual([
      ['key', 'calls', 'cost_usd'],
      ['acme', '3', '0.0052'],
      [ODD_TENANT, '1', '0.001875'],
    ])
  })

  test('without a name shows the eight as of the moment that is asked about', async () => {
    const screen = JSON.parse(await answer('kpi', '--as-of', AS_OF, '--json')) as { readonly to: string }
    expectDocumentedShape('kpi', screen)
    expect(screen).toMatchObject({ from: '2026-10-02T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' })
    const [head, ...eight] = csvRecords(await answer('kpi', '--as-of', AS_OF, '--csv'))
    expect(head?.slice(0, 2)).toEqual(['kpi', 'name'])
    expect(eight.map(([kpi]) => kpi)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
  })

  test('projects a month that is over to what it used', async () => {
    const { rows } = JSON.parse(await answer('kpi', 'tier-utilization', '--as-of', AS_OF, '--json')) as ViewAnswer
    expect(rows.map(({ tenant, used, projected }) => [tenant, used, projected])).toEqual([
      ['acme', 15_000, 15_000],
      ['globex', 3_880, 3_880],
      [ODD_TENANT, 1_500, 1_500],
    ])
  })

  test.each([
    [['kpi', 'cache', '--book', 'r9'], /^E_BOOK: no such book; got r9; want current, staged, r1\n/],
    [['kpi', 'book-impact', '--other-book', 'half'], /^E_BOOK: no such book; got half/],
    [['kpi', 'cache', '--book-as-of', '2020-01-01'], /^E_BOOK: no price was known then/],
    [['kpi', '--book', 'r9'], /^E_BOOK: no such book/],
    [['explain', 'feature', 'search', '--book', 'r9'], /^E_BOOK: no such book/],
  ])('%j is refused instead of priced with nothing', async (args, message) => {
    const { code, stderr } = await outlay(...args)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })
})

describe('outlay explain feature', () => {
  const explained = (...args: string[]): Promise<string> =>
    answer('explain', 'feature', 'search', '--as-of', AS_OF, ...args)

  test('splits the change of the cost per task into drivers that add up to it', async () => {
    const told = JSON.parse(await explained('--json')) as ExplainedFeature
    expectDocumentedShape('explain-feature', told)
    const rows = await queryKpi<AnswerRow>(ledger.reader, database, 'kpi_feature_answer', {
      as_of: seconds(AS_OF),
      feature: 'search',
    })
    expect(told.drivers.map(({ driver, effect_usd }) => [driver, effect_usd])).toEqual(
      rows.map(({ driver, effect_usd }) => [driver, effect_usd]),
    )
    // (0.0052 + 0.0036575) ÷ 2 complete tasks now; (0.00225 + 0.00275) ÷ 2 then.
    expect(told).toMatchObject({
      cost_per_task_now: '0.00442875',
      cost_per_task_then: '0.0025',
      change_usd: '0.00192875',
      sum_usd: '0.00192875',
      agree: true,
      unpriced_tasks: '1',
      tasks: [
        { task_id: 'now-1', tenant: 'acme' },
        { task_id: 'now-2', tenant: 'globex' },
      ],
      models: [
        { key: 'gpt-5', calls: '2' },
        { key: 'gpt-5-mini', calls: '2' },
        { key: 'made-up', cost_usd: null },
      ],
      routes: [{ key: '/search', calls: '5' }],
    })
  })

  test('says why in three sentences, and the sum to the last digit', async () => {
    const text = await explained()
    expect(text).toContain('1. calls per task rose from 1.0 to 2.0: + $0.0025 per task\n')
    expect(text).toContain('the share of gpt-5 in the calls fell from 100 % to 40 %: - $0.0022 per task\n')
    expect(text).toContain('3. tokens per call rose from 1,300 to 1,828: + $0.0016 per task\n')
    expect(text).toContain('The five effects add up to the change: + $0.00192875, to the last digit.')
    expect(text).toContain('Left out: 1 task(s) of now with a call, or a part of one, that has no price.')
    expect(text).toMatch(/^now-1 +acme +answer +\$0\.0052/m)
  })

  test('without a past has nothing to compare, and says so', async () => {
    const told = JSON.parse(await explained('--where', 'tenant=globex', '--json')) as ExplainedFeature
    expectDocumentedShape('explain-feature', told)
    expect(told).toMatchObject({
      tenants: ['globex'],
      cost_per_task_then: null,
      change_usd: null,
      sentences: [],
      agree: true,
    })
    expect(await explained('--where', 'tenant=globex')).toContain('Change              nothing to compare')
  })

  test.each([
    [['serch'], /^E_FEATURE: .*did you mean "search"\?; got serch; want search, chat\. /],
    [['*'], /^E_FEATURE: /],
    [['search', '--where', 'tenant=nobody'], /^E_FEATURE: .*under --where; got search, nobody\. /],
    [['search', '--where', 'model=gpt-5'], /^E_KPI_OPTION: .*cannot be filtered by model; want tenant, workload/s],
  ])('%j is refused with what is near', async (args, message) => {
    const { code, stderr } = await outlay('explain', 'feature', ...args, '--as-of', AS_OF)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })
})

describe('without a database', () => {
  test('the list and the descriptions say what can be asked', async () => {
    const { stdout: list } = await runProgram(['kpi', '--list'], NO_LEDGER)
    expect(list.split('\n').slice(0, -1)).toHaveLength(KPI_VIEWS.length)
    expect(list).toMatch(/^cache +How much of the input is read from the cache/m)
    const { stdout: all } = await runProgram(['kpi', '--list', '--json'], NO_LEDGER)
    expectDocumentedShape('kpi-views', JSON.parse(all))
    const { stdout: described } = await runProgram(['kpi', 'cache', '--describe'], { ...NO_LEDGER, COLUMNS: '80' })
    expect(described).toContain(
      'Takes --from, --to, --as-of, --by all|feature|route|tenant|model, --where tenant=…|feature=…|model=…, --book',
    )
    expect(described).toMatch(/^hit_rate +share +Cache reads ÷/m)
    const { stdout: one } = await runProgram(['kpi', 'cache', '--describe', '--json'], NO_LEDGER)
    expectDocumentedShape('kpi-views', JSON.parse(one))
  })

  test.each([
    [
      ['tsk-cost'],
      /^E_KPI: no KPI has that name, did you mean "task-cost"\?; got "tsk-cost"; want task-cost, task-cost-series, /,
    ],
    [['cache', '--json', '--csv'], /^E_KPI_OPTION: only one form can be printed; got --json --csv/],
    [['--describe'], /^E_KPI_OPTION: --describe needs the NAME of a view/],
    [['--by', 'tenant'], /^E_KPI_OPTION: .*--by: not for the screen of all eight; it takes --from, --to, --as-of/s],
  ])('%j is refused before anything is asked', async (args, message) => {
    const { code, stderr } = await runProgram(['kpi', ...args], NO_LEDGER)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })
})
