import { GEN_AI, OUTLAY, STANDARD } from '@outlay/semconv'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MadeUpSpan, otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { searchFiles } from '../harness/search-files.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
let collector: TestCollector
let directory: TempDir

const WINDOW = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
type Row = Record<string, unknown>

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase()
  directory = tempDir()
  collector = await startTestCollector(ledger, database, { directory })
})
afterAll(async () => {
  await collector.close()
  await ledger.close()
  directory.remove()
})

const send = async (spans: readonly MadeUpSpan[]): Promise<void> => {
  expect(await sendRequest(collector.collector.url, otlpRequest(spans))).toBe(true)
  await collector.collector.settled()
}

const headline = async (): Promise<Row> => (await readView<Row>(ledger, database, 'kpi_headline', WINDOW))[0] ?? {}

const query = async <Result>(sql: string): Promise<Result[]> =>
  (await ledger.client.query({ query: sql, format: 'JSONEachRow' })).json<Result>()

/** What a library of another maker sends: current conventions, no attribution. */
const foreignCall = (trace: number, span: number, parent?: number): MadeUpSpan => ({
  trace,
  span,
  ...(parent === undefined ? {} : { parent }),
  scope: 'some.other.instrumentation',
  attributes: {
    [GEN_AI.OPERATION_NAME]: 'chat',
    [GEN_AI.PROVIDER_NAME]: 'openai',
    [GEN_AI.REQUEST_MODEL]: 'gpt-5',
    [GEN_AI.USAGE_INPUT_TOKENS]: 1_000,
    [GEN_AI.USAGE_OUTPUT_TOKENS]: 100,
  },
})

describe('spans that arrive again', () => {
  test('the same request twice leaves every figure unchanged', async () => {
    await send([ownCall(1, 1), ownCall(1, 2)])
    const before = await headline()
    expect(before).toMatchObject({ calls: '2', spend_usd: '0.0045' })
    await send([ownCall(1, 1), ownCall(1, 2)])
    expect(await headline()).toEqual(before)
    expect(await query(`SELECT count() AS spans FROM ${database}.spans`)).toEqual([{ spans: '2' }])
  })

  test('the same spans in another request, in another order, are counted once', async () => {
    const before = await headline()
    await send([ownCall(1, 2), ownCall(1, 1)])
    expect(await headline()).toMatchObject({ calls: before['calls'], spend_usd: before['spend_usd'] })
  })
})

describe('a span without a tenant', () => {
  test('is quarantined with its counters and counted, not dropped and not billed', async () => {
    const before = await headline()
    await send([foreignCall(10, 1)])
    expect(await headline()).toMatchObject({
      calls: before['calls'],
      spend_usd: before['spend_usd'],
      unattributed_calls: '1',
    })
    const rows = await query<Row>(`SELECT missing, model, meters, sign FROM ${database}.quarantine`)
    expect(rows).toEqual([
      { missing: ['tenant', 'feature', 'workload'], model: 'gpt-5', meters: { input: '1000', output: '100' }, sign: 1 },
    ])
    const byService = await readView<Row>(ledger, database, 'kpi_unattributed', { ...WINDOW, by: 'service' })
    expect(byService).toMatchObject([{ key: 'made-up', calls: '1' }])
  })

  test('is priced, also by a model that no other call has', async () => {
    const call = foreignCall(11, 1)
    const attributes = { ...call.attributes, [GEN_AI.REQUEST_MODEL]: 'gpt-5-nano' }
    await send([{ ...call, attributes, at: '2026-09-05T10:00:00Z' }])
    const september = { from_time: seconds('2026-09-01'), to_time: seconds('2026-10-01') }
    const rows = await readView<Row>(ledger, database, 'kpi_unattributed', { ...september, by: 'all' })
    expect(rows).toMatchObject([{ calls: '1', cost_usd: '0.00009', unpriced_calls: '0' }])
  })

  test('leaves the quarantine when its root arrives with the tenant, and is billed once', async () => {
    const before = await headline()
    await send([foreignCall(20, 2, 1)])
    expect(await headline()).toMatchObject({ unattributed_calls: '2', calls: before['calls'] })
    const attribution = {
      [OUTLAY.TENANT_ID]: 'acme',
      [OUTLAY.FEATURE]: 'inbox',
      [OUTLAY.WORKLOAD]: 'agent',
      [OUTLAY.TASK_ID]: 'late-root',
    }
    await send([{ trace: 20, span: 1, name: 'handle message', kind: 1, attributes: attribution }])
    expect(await headline()).toMatchObject({ unattributed_calls: '1', calls: String(Number(before['calls']) + 1) })
    const entries = await query<Row>(`SELECT task, feature, sign FROM ${database}.calls WHERE task = 'late-root'`)
    expect(entries).toEqual([{ task: 'late-root', feature: 'inbox', sign: 1 }])
  })
})

describe('an unknown model', () => {
  test('shows as unpriced, is listed, and every total says so', async () => {
    const call = ownCall(30, 1)
    await send([
      {
        ...call,
        attributes: {
          ...call.attributes,
          [GEN_AI.REQUEST_MODEL]: 'made-up-9',
          [GEN_AI.RESPONSE_MODEL]: 'made-up-9',
          [OUTLAY.TASK_ID]: 'unpriced',
          [OUTLAY.FEATURE]: 'lab',
        },
      },
    ])
    const totals = await Promise.all([
      readView<Row>(ledger, database, 'kpi_task_cost', WINDOW),
      readView<Row>(ledger, database, 'kpi_user_cost', { as_of: WINDOW.to_time }),
      readView<Row>(ledger, database, 'kpi_tenant_cost', { as_of: WINDOW.to_time }),
      readView<Row>(ledger, database, 'kpi_feature_totals', WINDOW),
      readView<Row>(ledger, database, 'kpi_cost_to_revenue', { as_of: WINDOW.to_time }),
      readView<Row>(ledger, database, 'kpi_headline', WINDOW),
    ])
    for (const [total] of totals) expect(total).toMatchObject({ unpriced_calls: '1' })
    const byFeature = await readView<Row>(ledger, database, 'kpi_task_cost', { ...WINDOW, by: 'feature' })
    expect(byFeature.find(({ key }) => key === 'lab')).toMatchObject({ cost_usd: null, cost_per_task_p50: null })
    const listed = await readView<Row>(ledger, database, 'kpi_coverage', WINDOW)
    expect(listed.map(({ model, meter, tokens }) => [model, meter, tokens])).toEqual(
      expect.arrayContaining([
        ['made-up-9', 'input', '1000'],
        ['made-up-9', 'output', '100'],
      ]),
    )
  })
})

describe('prompt and completion text', () => {
  const CANARY = 'canary-text-that-must-not-be-kept'

  test('is nowhere on disk: not in the log, not in the database, not in what was said', async () => {
    const call = ownCall(40, 1)
    const carriers = [
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'gen_ai.system_instructions',
      'gen_ai.prompt.0.content',
      'gen_ai.completion.0.content',
      'gen_ai.tool.call.arguments',
      'gen_ai.tool.call.result',
      'traceloop.entity.input',
      'llm.input_messages.0.message.content',
      'input.value',
      'output.value',
      'ai.prompt.messages',
      'ai.response.text',
      'mlflow.spanInputs',
      'langfuse.observation.input',
      'exception.message',
      'url.query',
      'my.own.prompt',
      'app.user_message',
    ]
    await send([
      {
        ...call,
        attributes: { ...call.attributes, ...Object.fromEntries(carriers.map((key) => [key, `${CANARY} in ${key}`])) },
        statusMessage: CANARY,
        events: [
          { name: 'gen_ai.user.message', attributes: { content: CANARY } },
          {
            name: 'exception',
            attributes: { 'exception.message': CANARY, 'exception.stacktrace': CANARY, 'exception.type': 'Error' },
          },
        ],
      },
    ])
    expect(searchFiles([directory.path], CANARY).holding).toEqual([])
    const stored = await query<{ spans: string }>(
      `SELECT count() AS spans FROM ${database}.spans WHERE position(toString(tuple(*)), '${CANARY}') > 0`,
    )
    expect(stored).toEqual([{ spans: '0' }])
    // Fresh parts are compressed, so the files are searched only after a look through the database's own eyes.
    expect(searchFiles([ledger.dataDirectory], CANARY).holding).toEqual([])
    expect(await collector.collector.metrics()).not.toContain(CANARY)
    expect(
      JSON.stringify(collector.events, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain(CANARY)
    // The call itself is there, with what it may say.
    const [kept] = await query<{ task: string }>(`SELECT task FROM ${database}.calls WHERE task = 'task-40'`)
    expect(kept).toEqual({ task: 'task-40' })
  })

  test('a raw user id of a foreign sender is dropped unless a key can hash it', async () => {
    const call = foreignCall(50, 1)
    await send([{ ...call, attributes: { ...call.attributes, [STANDARD.USER_ID]: 'jane@example.com' } }])
    const rows = await query<{ spans: string }>(
      `SELECT count() AS spans FROM ${database}.spans WHERE position(toString(tuple(*)), 'jane@') > 0`,
    )
    expect(rows).toEqual([{ spans: '0' }])
  })
})

describe('operations', () => {
  test('metrics count what was received, stored and refused', async () => {
    const text = await collector.collector.metrics()
    expect(text).toMatch(/outlay_spans_received_total \d+/)
    expect(text).toMatch(/outlay_inserted_rows_total\{table="calls"\} [1-9]/)
    expect(text).toMatch(/outlay_quarantined_total\{reason="missing_attribution"\} [1-9]/)
    expect(text).toMatch(/outlay_wal_appends_total [1-9]/)
    expect(text).toMatch(/outlay_wal_commit_duration_seconds_count [1-9]/)
    // All is settled: nothing waits, and nothing was ever lost.
    expect(text).toMatch(/outlay_wal_backlog_records\{consumer="settlement"\} 0/)
    expect(text).toMatch(/outlay_wal_oldest_unacked_seconds\{consumer="evidence"\} 0/)
    expect(text).toMatch(/outlay_wal_lost_records_total 0/)
    expect(text).toMatch(/outlay_units_in_doubt\{table="spans"\} 0/)
    expect(text).toMatch(/outlay_oldest_in_doubt_seconds 0/)
    expect(text).toMatch(/outlay_ingest_delay_seconds_count [1-9]/)
    expect(text).toMatch(/outlay_clock_skewed_spans_total\{direction="ahead"\} 0/)
    expect(text).toMatch(/outlay_ledger_oldest_unsettled_seconds 0/)
    expect(collector.collector.health()).toMatchObject({ healthy: true, ready: true })
  })
})
