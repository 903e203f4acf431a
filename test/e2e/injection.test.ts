/**
 * S3: texts that are SQL, in every field of a span that becomes a column, every parameter of every command, and every
 * parameter of the panel's API. They come back as they were sent, and nothing of them is executed.
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CallRow, callsTable, KPI_VIEWS, readRows, type SpanRow, spansTable } from '@outlay/clickhouse'
import { createPanel } from '@outlay/panel'
import { GEN_AI, OPENAI, OUTLAY, OWN_SCOPE_NAME, STANDARD } from '@outlay/semconv'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { optionsOf } from '../../packages/cli/src/kpi/view-flags.ts'
import { type CommandCall, commandPlaces, type GoodCall } from '../harness/command-places.ts'
import { targetsThatDiffer } from '../harness/conservation.ts'
import { ownCall } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { writerOf } from '../harness/run-outlay.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { SQL_STRINGS, WORST_STRINGS } from './sql-strings.ts'

/** Other suites run beside. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const NOW_MS = Date.now()
const DAY_MS = 86_400_000
const directory = tempDir()

let ledger: TestLedger
let database: string
let running: TestCollector
let panel: Server
let panelUrl: string
const mistakes: unknown[] = []
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  running = await startTestCollector(ledger, database)
  const served = { client: ledger.reader, databases: [database], loopbackOnly: true }
  panel = createServer(createPanel({ ...served, onInternalError: (error) => mistakes.push(error) }))
  panel.listen(0, '127.0.0.1')
  await once(panel, 'listening')
  panelUrl = `http://127.0.0.1:${(panel.address() as AddressInfo).port}`
})
afterAll(async () => {
  panel?.close()
  panel?.closeAllConnections()
  await running?.close()
  await ledger?.close()
  directory.remove()
})

const isoOf = (ms: number): string => new Date(ms).toISOString()
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

/** Columns of `calls` and the attribute that fills each. */
const CALL_TEXTS = {
  tenant: OUTLAY.TENANT_ID,
  feature: OUTLAY.FEATURE,
  route: OUTLAY.ROUTE,
  workload: OUTLAY.WORKLOAD,
  task: OUTLAY.TASK_ID,
  task_type: OUTLAY.TASK_TYPE,
  parent_task: OUTLAY.PARENT_TASK_ID,
  session: GEN_AI.CONVERSATION_ID,
  turn: OUTLAY.TURN_ID,
  tool: OUTLAY.TOOL,
  agent: GEN_AI.AGENT_NAME,
  prompt_version: GEN_AI.PROMPT_VERSION,
  effort: GEN_AI.REQUEST_REASONING_LEVEL,
  tier: OUTLAY.TIER,
  leaf: OUTLAY.LEAF_ID,
  outcome: OUTLAY.OUTCOME,
  provider: GEN_AI.PROVIDER_NAME,
  host: STANDARD.SERVER_ADDRESS,
  request_model: GEN_AI.REQUEST_MODEL,
  response_model: GEN_AI.RESPONSE_MODEL,
  response_id: GEN_AI.RESPONSE_ID,
  service_tier: OPENAI.RESPONSE_SERVICE_TIER,
  region: OUTLAY.REGION,
  intended_model: OUTLAY.INTENDED_MODEL,
  overage_pattern: OUTLAY.OVERAGE_PATTERN,
  overage_action: OUTLAY.OVERAGE_ACTION,
} as const satisfies Partial<Record<keyof CallRow, string>>

const attribute = ([key, value]: readonly [string, unknown]) => ({ key, value: { stringValue: String(value) } })

/** A complete call in which every text is that text, under every name that fills a column, and under itself. */
const callOf = (text: string, n: number) => ({
  resource: {
    attributes: [
      [STANDARD.SERVICE_NAME, text],
      [STANDARD.DEPLOYMENT_ENVIRONMENT_NAME, text],
      [text, text],
    ].map(([key = '', value]) => attribute([key, value])),
  },
  scopeSpans: [
    {
      scope: { name: OWN_SCOPE_NAME, version: text },
      spans: [
        {
          traceId: hex(n, 32),
          spanId: hex(n, 16),
          name: text,
          kind: 3,
          startTimeUnixNano: String(BigInt(NOW_MS) * 1_000_000n),
          endTimeUnixNano: String(BigInt(NOW_MS) * 1_000_000n),
          attributes: Object.entries({
            ...ownCall(n, n).attributes,
            ...Object.fromEntries(Object.values(CALL_TEXTS).map((key) => [key, text])),
            [STANDARD.USER_ID]: `h_${text}`,
            [text]: text,
          }).map(attribute),
        },
      ],
    },
    // Nobody knows this emitter: its name is a text like any other.
    { scope: { name: text }, spans: [{ traceId: hex(n, 32), spanId: hex(n + 1_000, 16), name: 'inner' }] },
  ],
})

/** All tables, with as many rows as they have; of a price book anybody may write one more edition. */
const tables = async (): Promise<unknown> => {
  const rows = `if(match(name, '^(price|what_if|sku|book|meter)'), NULL, total_rows)`
  const query = `SELECT name, engine, ${rows} FROM system.tables WHERE database = '${database}' ORDER BY name`
  return (await ledger.client.query({ query, format: 'JSONCompactEachRow' })).json()
}

/** `up` and its settings are no questions to a ledger: it starts one. */
const EXCEPT = ['up']
const WITHOUT_DATABASE: ReadonlySet<string> = new Set(['normalize', 'plan', 'tokens'])
const GOOD: Readonly<Record<string, GoodCall>> = {
  'explain call': { words: [hex(1, 16)] },
  'explain task': { words: ['task-1'] },
  'explain feature': { words: ['support-chat'] },
  'prices explain': { flags: { '--provider': 'openai', '--model': 'gpt-5', '--usage': '{"prompt_tokens":10}' } },
  'prices show': { words: ['gpt-5'] },
  'prices diff': { words: ['current', 'current'] },
  'prices drift': { flags: { '--file': 'no-such-file' } },
  'prices add': {
    flags: {
      '--reason': 'a test',
      '--provider': 'openai',
      '--model': 'gpt-5',
      '--meter': 'input',
      '--price': '1.25',
      '--from': isoOf(Math.ceil(NOW_MS / DAY_MS) * DAY_MS + DAY_MS),
      '--source': 'a test',
      '--checked-at': isoOf(NOW_MS).slice(0, 10),
      '--timeout': '1',
    },
    switches: ['--dry-run'],
    places: ['--reason'],
  },
  'prices supersede': { words: ['no-such-row'], flags: { '--reason': 'a test' } },
  'prices update': { flags: { '--file': 'no-such-file' } },
  'prices what-if': {
    words: ['dearer'],
    flags: { '--where': 'model=gpt-5', '--times': '2', '--reason': 'a test' },
    places: ['name', '--base', '--where'],
  },
  reconcile: { flags: { '--provider': 'openai', '--file': 'no-such-file' } },
  plan: {
    flags: { '--workload': 'chat', '--sessions': '1', '--turns': '1', '--input': '1', '--output': '1' },
  },
  'facts load': { words: ['tenants', 'no-such-file'] },
  'tokens create': { flags: { '--tenant': 'acme', '--file': 'tokens.yaml' } },
  'tokens list': { flags: { '--file': 'tokens.yaml' } },
  'tokens revoke': { words: ['no-such-id'], flags: { '--file': 'tokens.yaml' } },
  rebuild: { switches: ['--dry-run'], places: ['--from', '--to', '--database', '--set'] },
}
/** What a view of KPIs needs beside its window. */
const VIEW_GIVEN: Readonly<Record<string, string>> = {
  '--feature': 'support-chat',
  '--dimension': 'feature',
  '--provider': 'openai',
  '--other-book': 'current',
}

/** A flag of `kpi` reaches the ledger with a view that takes it. */
const withView = ({ command, args, place }: CommandCall): CommandCall => {
  const option = place.slice(2).replaceAll(/-[a-z]/g, (dash) => dash.charAt(1).toUpperCase())
  const view = KPI_VIEWS.find((each) => optionsOf(each).some((own) => own === option))
  if (view === undefined) return { command, args, place }
  const taken = new Set(
    optionsOf(view).map((own) => `--${own.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
  )
  const given = Object.entries(VIEW_GIVEN).filter(([flag]) => flag !== place && taken.has(flag))
  return { command, args: [view.name, ...given.flat(), ...args], place }
}

const everyPlace = (): readonly CommandCall[] =>
  WORST_STRINGS.slice(0, 1).flatMap((text) =>
    commandPlaces(text, { good: GOOD, except: EXCEPT }).map((call) =>
      call.command[0] === 'kpi' && call.place.startsWith('--') ? withView(call) : call,
    ),
  )

const numbered = SQL_STRINGS.map((text, index) => [index + 1, text] as const)

describe('texts that are SQL', () => {
  test('are stored as they were sent, in every column that a span fills', async () => {
    const body = JSON.stringify({ resourceSpans: numbered.map(([n, text]) => callOf(text, n)) })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${running.collector.url}/v1/traces`, { method: 'POST', headers, body })
    expect([answer.status, await answer.text()]).toEqual([200, '{}'])
    await running.collector.settled()
    const spans = await readRows(ledger.client, database, spansTable, { where: '1' })
    const calls = await readRows(ledger.client, database, callsTable, { where: '1' })
    expect([spans.length, calls.length]).toEqual([2 * SQL_STRINGS.length, SQL_STRINGS.length])
    for (const [n, text] of numbered) {
      const [span, inner] = [n, n + 1_000].map((id) => spans.find(({ span_id }) => span_id === hex(id, 16)) as SpanRow)
      const told = { [STANDARD.SERVICE_NAME]: text, [STANDARD.DEPLOYMENT_ENVIRONMENT_NAME]: text, [text]: text }
      expect(span).toMatchObject({ tenant: text, name: text, scope_version: text, resource: told })
      expect(span?.attributes_string).toMatchObject({ [text]: text, [OUTLAY.FEATURE]: text })
      expect(inner).toMatchObject({ scope_name: text, resource: told })
      const call = calls.find(({ span_id }) => span_id === hex(n, 16))
      const wanted = Object.fromEntries(Object.keys(CALL_TEXTS).map((column) => [column, text]))
      // What stands in the place of a user and is no hash of one is taken out.
      const more = { user: '', environment: text, service: text, scope_version: text }
      expect(call).toMatchObject({ ...wanted, ...more, sign: 1 })
    }
    expect(await targetsThatDiffer(ledger, database)).toEqual([])
  })
  const HOUR_MS = 3_600_000
  const period = { from: isoOf(NOW_MS - HOUR_MS), to: isoOf(NOW_MS + HOUR_MS) }

  test('select the rows that bear them and no others, in `outlay kpi` and on the panel', async () => {
    const dimensions = ['tenant', 'feature', 'workload', 'environment'] as const
    const window = ['--by', 'feature', '--from', period.from, '--to', period.to, '--database', database, '--json']
    const byCommand = async (text: string): Promise<unknown> => {
      const where = dimensions.flatMap((name) => ['--where', `${name}=${text.replaceAll(',', '\\,')}`])
      const told = await runProgram(['kpi', 'feature-concentration', ...window, ...where], writerOf(ledger))
      expect(told).toMatchObject({ code: 0, stderr: '' })
      return (JSON.parse(told.stdout) as { rows: unknown }).rows
    }
    const onPanel = async (texts: readonly string[]): Promise<unknown> => {
      const question = new URLSearchParams({ ...period, by: 'feature' })
      for (const name of dimensions) for (const text of texts) question.append(`${name}s`, text)
      const shown = await fetch(`${panelUrl}/api/panel/kpi/feature_concentration?${question.toString()}`)
      expect(shown.status).toBe(200)
      return ((await shown.json()) as { rows: { readonly cells: object }[] }).rows.map(({ cells }) => cells)
    }
    const rowOf = (text: string): unknown => expect.objectContaining({ key: text, calls: '1' })
    const share = (nth: number): readonly string[] => SQL_STRINGS.filter((_, n) => n % 4 === nth)
    // Both bind through one registry: each gets a quarter of the texts one by one, and the panel all but one together.
    for (const text of share(0)) expect(await byCommand(text)).toEqual([rowOf(text)])
    for (const text of share(1)) expect(await onPanel([text])).toEqual([rowOf(text)])
    const some = SQL_STRINGS.slice(1)
    const together = await onPanel(some)
    expect(together).toHaveLength(some.length)
    expect(together).toEqual(expect.arrayContaining(some.map(rowOf)))
    expect(mistakes).toEqual([])
  })

  test('are refused by the panel wherever they are no value of a filter', async () => {
    const names = ['from', 'to', 'days', 'by', 'as_of', 'book', 'database', "x' OR 1=1"]
    const paths = ['kpi/feature_concentration', 'overview', 'before', 'courses']
    for (const text of WORST_STRINGS) {
      for (const path of [...paths, `kpi/${encodeURIComponent(text)}`, encodeURIComponent(text)]) {
        for (const name of names) {
          const address = `${panelUrl}/api/panel/${path}?${new URLSearchParams({ [name]: text }).toString()}`
          const refused = await fetch(address)
          const said = await refused.text()
          expect([400, 404], `${address}: ${said}`).toContain(refused.status)
        }
      }
    }
    expect(mistakes).toEqual([])
  })

  test('are facts like any other where somebody loads them', async () => {
    const facts = SQL_STRINGS.map((text) => ({ tenant: text, name: text, tier: text, valid_from: '2026-01-01' }))
    const args = ['facts', 'load', 'tenants', '-', '--format', 'json', '--database', database]
    const loaded = await runProgram(args, writerOf(ledger), Buffer.from(JSON.stringify(facts)))
    expect(loaded).toMatchObject({ code: 0, stderr: '' })
    const query = `SELECT tenant, name, tier FROM ${database}.tenants`
    const rows = await (await ledger.client.query({ query, format: 'JSONCompactEachRow' })).json<string[]>()
    const byText = (a: readonly string[], b: readonly string[]): number => (String(a[0]) < String(b[0]) ? -1 : 1)
    expect(rows.toSorted(byText)).toEqual(SQL_STRINGS.map((text) => [text, text, text]).toSorted(byText))
  })

  test('change nothing in any place of any command', async () => {
    const before = await tables()
    const env = writerOf(ledger)
    const failures: string[] = []
    let runs = 0
    for (const { command, args, place } of everyPlace()) {
      const own = place === '--database' || WITHOUT_DATABASE.has(command[0] ?? '') ? [] : ['--database', database]
      const { code, stderr } = await runProgram([...command, ...args, ...own], env, undefined, directory.path)
      runs += 1
      // A refusal has a code of ours or is commander's; an error of the database would show as it came.
      const isOurs = stderr === '' || /^(E_[A-Z_]+: |error: |\S.*\n)/.test(stderr)
      if (!isOurs || /SYNTAX_ERROR|DB::Exception|\n\s+at /.test(stderr) || code > 3) {
        failures.push(`${command.join(' ')} ${JSON.stringify(args)}: ${code} ${stderr.slice(0, 400)}`)
      }
    }
    expect(failures).toEqual([])
    expect(runs).toBeGreaterThan(80)
    expect(await tables()).toEqual(before)
    expect(existsSync('/tmp/outlay-injected')).toBe(false)
  })
})
