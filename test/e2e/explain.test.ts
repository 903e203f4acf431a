import { OUTLAY } from '@outlay/semconv'
import { withContract } from '@outlay/pricing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { agentRun, withAttributes, YUAN_OF_GLOBEX } from '../harness/explained-calls.ts'
import { type MadeUpSpan, otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { type Outcome, readerOf, runOutlay } from '../harness/run-outlay.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import {
  addPrices,
  changeBook,
  listedInput,
  loadPrices,
  readView,
  seconds,
  startTestLedger,
  type TestLedger,
} from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
let collector: TestCollector
const sent: MadeUpSpan[] = []

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  collector = await startTestCollector(ledger, database)
})
afterAll(async () => {
  await collector.close()
  await ledger.close()
})

const send = async (...spans: MadeUpSpan[]): Promise<void> => {
  expect(await sendRequest(collector.collector.url, otlpRequest(spans))).toBe(true)
  sent.push(...spans)
  await collector.collector.settled()
}

const explain = (...args: string[]): Promise<Outcome> =>
  runProgram(['explain', ...args, '--database', database], readerOf(ledger))

type Answer = Readonly<Record<string, unknown>>

/** The documented answer of a question that is answered without a finding. */
const answerTo = async (...args: string[]): Promise<Answer> => {
  const { code, stdout, stderr } = await explain(...args, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const answer = JSON.parse(stdout) as Answer
  expectDocumentedShape('explain', answer)
  return answer
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
const spanId = (span: number): string => hex(span, 16)
const traceId = (trace: number): string => hex(trace, 32)

const kpiOf = async (task: string) => {
  const window = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
  const rows = await readView<{ key: string; cost_usd: string | null; calls: string; unpriced_calls: string }>(
    ledger,
    database,
    'kpi_task_cost',
    { ...window, by: 'task', tenants: ['acme'] },
  )
  return rows.find(({ key }) => key === task)
}

describe('a sum that stands for its calls until one of them arrives', () => {
  test('is explained as promoted, with price rows, rule and the attributes that were read', async () => {
    await send(agentRun(1, 0x11))
    expect(await answerTo('call', spanId(0x11))).toMatchObject({
      disposition: 'charged',
      span: { authority: 'local', trace_id: traceId(1) },
      book: { name: 'current', revision: 1 },
      entries: [
        {
          sign: 1,
          seq: 1,
          reason: 'settled',
          billable_reason: 'promoted_aggregate',
          stands: true,
          meters: { input: 3_000, output: 50 },
          selectors: { provider: 'openai', response_model: 'gpt-5' },
          attribution: { tenant: 'acme', task: 'task-1', service: 'made-up' },
          price: {
            cost_usd: '0.00425',
            agree: true,
            by_book: {
              resolved: { provider: 'openai', model: 'gpt-5', tier: 'standard', band: 0, slot: '2026-10-05T10:00:00Z' },
              lines: [
                { meter: 'input', quantity: 3_000, price: '1.25', cost_usd: '0.00375', source: 'openai-pricing' },
                { meter: 'output', quantity: 50, price: '10', cost_usd: '0.0005' },
              ],
            },
          },
        },
      ],
      rule: { rule: expect.stringMatching(/^otel-127@/), meaning: expect.arrayContaining([expect.any(String)]) },
      evidence: {
        name: 'run agent',
        read: expect.arrayContaining([
          { on: 'span', key: 'gen_ai.usage.input_tokens', value: 3_000, as: ['input'] },
          { on: 'span', key: 'gen_ai.operation.name', value: 'invoke_agent', as: ['role'] },
          { on: 'resource', key: 'service.name', value: 'made-up', as: ['service'] },
        ]),
      },
      rederived: { agrees: true },
    })
  })

  test('is reversed when the call arrives late, and both entries add up to nothing', async () => {
    const { [OUTLAY.TENANT_ID]: __, ...withoutTenant } = ownCall(1, 0x12).attributes ?? {}
    await send({ ...ownCall(1, 0x12), parent: 0x11, attributes: withoutTenant })
    expect(await answerTo('call', spanId(0x11))).toMatchObject({
      disposition: 'covered',
      entries: [
        { sign: 1, stands: false, price: { cost_usd: '0.00425', agree: true } },
        { sign: -1, reason: 'late_span', stands: false, price: { cost_usd: '-0.00425', agree: true } },
      ],
      trace: [
        { span_id: spanId(0x11), disposition: 'covered', covered_by: spanId(0x12), meters: { input: 3_000 } },
        { span_id: spanId(0x12), parent_span_id: spanId(0x11), disposition: 'charged' },
      ],
      rederived: { agrees: true },
    })
    expect(await answerTo('call', `${traceId(1)}:${spanId(0x12).toUpperCase()}`)).toMatchObject({
      entries: [{ attribution: { tenant: 'acme' }, price: { cost_usd: '0.00225' } }],
      evidence: { inherited: [{ key: OUTLAY.TENANT_ID, as: ['tenant'], span_id: spanId(0x11) }] },
    })
    const task = await answerTo('task', 'task-1')
    expect(task).toMatchObject({ total_usd: '0.00225', calls_count: 1, calls: [{ span_id: spanId(0x12) }] })
    expect(await kpiOf('task-1')).toMatchObject({ cost_usd: '0.00225', calls: '1' })
  })

  test('reads well', async () => {
    const { stdout } = await explain('call', spanId(0x11))
    expect(stdout).toMatch(/^covered\n/)
    expect(stdout).toMatch(/main .*\+1 .*settled .*\$0\.00425 .*reversed/)
    expect(stdout).toMatch(/main .*-1 .*late_span .*-\$0\.00425 .*reversal/)
    expect(stdout).toMatch(/input +│ 3000 +│ 1\.25 USD \/ 1000000 +│ \$0\.00375 +│ \S+ to open/)
    expect(stdout).toMatch(/The book and the SQL view agree/)
    expect(stdout).toMatch(/gen_ai\.usage\.input_tokens = 3000 {2}→ input/)
    expect(stdout).toMatch(new RegExp(`run agent .*covered by ${spanId(0x12)}`))
    expect(stdout).toMatch(/the ledger of this trace says the same/)
  })
})

describe('a task with calls that have no price', () => {
  test('lists them as not priced, never as 0, and totals what KPI 1 says', async () => {
    const unpriced = withAttributes(ownCall(2, 0x22), {
      'gen_ai.request.model': 'no-such-model',
      'gen_ai.response.model': 'no-such-model',
    })
    // Its numbers contradict each other: more cached tokens than input.
    const conflict = withAttributes(ownCall(2, 0x23), {
      [OUTLAY.USAGE_RAW]:
        '{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens":1,"total_tokens":11}',
    })
    const unattributed = {
      trace: 2,
      span: 0x24,
      scope: 'x',
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 7 },
    }
    const priced = { ...ownCall(2, 0x21), at: '2026-10-05T10:45:00Z' }
    await send(unpriced, conflict, unattributed, priced)

    const task = await answerTo('task', 'task-2')
    expect(task).toMatchObject({
      tenant: 'acme',
      total_usd: '0.00225',
      calls_count: 3,
      unpriced_calls: 2,
      kpi: { calls: 3, unpriced_calls: 2, cost_usd: '0.00225' },
      agree: true,
      calls: [
        { span_id: spanId(0x22), cost_usd: null, status: 'unpriced_model', missing: ['input', 'output'] },
        { span_id: spanId(0x23), cost_usd: null, status: 'invalid_usage', meters: {} },
        { span_id: spanId(0x21), cost_usd: '0.00225', status: 'priced' },
      ],
      quarantined: [{ span_id: spanId(0x24), missing: ['tenant', 'feature', 'workload'], meters: { input: 7 } }],
    })
    expect(await kpiOf('task-2')).toMatchObject({ cost_usd: '0.00225', calls: '3', unpriced_calls: '2' })
    const { stdout } = await explain('task', 'task-2')
    expect(stdout).toMatch(/^\$0\.00225 \+ 2 charge\(s\) not priced, 3 call\(s\) · task task-2 of acme/)
    expect(stdout).toMatch(/no-such-model .*not priced \(unpriced_model\)/)
    expect(stdout).not.toMatch(/\$0\.00 /)
    expect(stdout).toMatch(new RegExp(`${traceId(2)}:${spanId(0x24)} .*missing_attribution, no tenant`))
  })

  test('a call of an unknown model says which name no list has', async () => {
    expect(await answerTo('call', spanId(0x22))).toMatchObject({
      disposition: 'charged',
      entries: [
        {
          price: {
            cost_usd: null,
            status: 'unpriced_model',
            agree: true,
            by_book: { cost_usd: null, lines: [], reason: 'model: "no-such-model" is no name of openai' },
          },
        },
      ],
    })
    const { stdout } = await explain('call', spanId(0x22))
    expect(stdout).toMatch(/^charged: not priced \(unpriced_model\) · no-such-model/)
    expect(stdout).toMatch(/input +│ 1000 +│ not priced/)
  })

  test('a conflict shows the totals that do not fit and what the flag means', async () => {
    expect(await answerTo('call', spanId(0x23))).toMatchObject({
      disposition: 'conflict',
      entries: [
        { usage_status: 'conflict', meters: {}, input_total: 10, price: { status: 'invalid_usage', agree: true } },
      ],
      flags: { conflict: expect.stringMatching(/contradict/) },
    })
  })

  test('a call in quarantine says what it lacks, and its other spans what became of them', async () => {
    expect(await answerTo('call', spanId(0x24))).toMatchObject({
      disposition: 'quarantined',
      entries: [],
      refusals: [{ sign: 1, stands: true, reason: 'missing_attribution', missing: ['tenant', 'feature', 'workload'] }],
      rule: { rule: expect.stringMatching(/^otel-/) },
      trace: expect.arrayContaining([expect.objectContaining({ span_id: spanId(0x23), disposition: 'conflict' })]),
      rederived: { agrees: true },
    })
  })
})

describe('what two ways to a figure say', () => {
  test('follows the book that is asked for', async () => {
    const dearer = { ...listedInput(ledger), price: '2.5', fusd: 2_500_000_000n, validFrom: seconds('2026-10-01') }
    await addPrices(ledger, database, [dearer])
    await loadPrices(ledger, database)
    const now = await answerTo('task', 'task-1')
    expect(now).toMatchObject({ total_usd: '0.0035', book: { name: 'current', revision: 2 }, agree: true })
    const before = await answerTo('task', 'task-1', '--book', 'r1')
    expect(before).toMatchObject({ total_usd: '0.00225', book: { name: 'r1', revision: 1 }, agree: true })
    expect(await answerTo('call', spanId(0x12))).toMatchObject({
      entries: [
        { price: { cost_usd: '0.0035', agree: true, by_book: { lines: [{ price: '2.5' }, { price: '10' }] } } },
      ],
    })
  })
})

test('a sheet in another currency has no price in dollars, and both ways say so', async () => {
  await send(withAttributes(ownCall(8, 0x81), { [OUTLAY.TENANT_ID]: 'globex' }))
  await changeBook(ledger, database, ({ recorded, latest }) => withContract(recorded, latest, YUAN_OF_GLOBEX))
  await loadPrices(ledger, database)
  expect(await answerTo('call', spanId(0x81))).toMatchObject({
    entries: [
      {
        price: {
          cost_usd: null,
          status: 'unpriced_meter',
          agree: true,
          by_book: {
            status: 'priced',
            currency: 'CNY',
            book: 'current@tenant:globex',
            lines: [{ price: '9', card: 'tenant:globex' }, { price: '72' }],
          },
        },
      },
    ],
  })
  const { stdout } = await explain('call', spanId(0x81))
  expect(stdout).toMatch(/A sheet in CNY: dollar views show it as not priced/)
})

describe('a question that is not clear', () => {
  test('names the candidates where several spans have one id', async () => {
    await send(ownCall(4, 0x41), ownCall(5, 0x41))
    const { code, stderr } = await explain('call', spanId(0x41))
    expect(code).toBe(2)
    expect(stderr).toMatch(
      new RegExp(`E_SPAN: several .*${traceId(4)}:${spanId(0x41)} .*${traceId(5)}:${spanId(0x41)}`),
    )
    expect(await answerTo('call', `${traceId(5)}:${spanId(0x41)}`)).toMatchObject({ span: { trace_id: traceId(5) } })
  })

  test('names the tenants where several have a task of one id', async () => {
    const shared = { [OUTLAY.TASK_ID]: 'shared' }
    await send(
      withAttributes(ownCall(6, 0x61), shared),
      withAttributes(ownCall(7, 0x71), { ...shared, [OUTLAY.TENANT_ID]: 'globex' }),
    )
    expect(await explain('task', 'shared')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/E_TASK: .*--tenant acme or --tenant globex/),
    })
    expect(await answerTo('task', 'shared', '--tenant', 'globex')).toMatchObject({ tenant: 'globex', calls_count: 1 })
  })

  test.each([
    [['call', spanId(0xff)], /E_SPAN: the ledger has no such span/],
    [['call', 'nonsense'], /E_SPAN: not a span; got "nonsense"; want a span id of 16 hex digits/],
    [['task', 'nobody'], /E_TASK: the ledger has no such task; got nobody/],
    [['call', spanId(0x12), '--book', 'r9'], /E_BOOK: no such book; got r9; want current, r1, r2, r3/],
    [
      ['call', spanId(0x12), '--book', 'r1', '--book-as-of', '2026-11-01'],
      /E_BOOK: --book and --book-as-of name two books/,
    ],
  ])('%j is refused with what is wrong', async (args, message) => {
    const { code, stderr } = await explain(...args)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })

  test('from a shell, a kind that is not explained names those that are', async () => {
    const { code, stderr } = await runOutlay(['explain', 'tenant', 'acme'], readerOf(ledger))
    expect(code).toBe(2)
    expect(stderr).toBe(
      'E_EXPLAIN: nothing of that kind is explained; got tenant; want call SPAN, task ID or feature NAME\n',
    )
  })
})

test('outlay normalize says of the same spans what the ledger says', async () => {
  const file = Buffer.from(JSON.stringify(otlpRequest(sent)))
  const { stdout } = await runProgram(['normalize', '-'], {}, file)
  const { entries } = JSON.parse(stdout) as { entries: Answer[] }
  const rows = await (
    await ledger.client.query({
      query: `SELECT lower(hex(trace_id)) AS trace_id, lower(hex(span_id)) AS span_id, toString(rule_id) AS rule,
          toString(usage_status) AS usage_status, toUInt32(input) AS input, toUInt32(output) AS output, tenant
        FROM ${database}.calls GROUP BY ALL HAVING sum(sign) > 0 ORDER BY trace_id, span_id`,
      format: 'JSONEachRow',
    })
  ).json<Answer>()
  const charged = entries.filter(({ disposition }) => disposition === 'charged' || disposition === 'conflict')
  expect(
    charged.map(({ trace_id, span_id, rule, usage_status, meters, attribution }) => {
      const { input = 0, output = 0 } = meters as { input?: number; output?: number }
      return { trace_id, span_id, rule, usage_status, input, output, tenant: (attribution as Answer)['tenant'] }
    }),
  ).toEqual(rows)
  const refused = entries.filter(({ disposition }) => disposition === 'quarantined')
  expect(refused.map(({ span_id }) => span_id)).toEqual([spanId(0x24)])
})

/** Last: what is broken here stays broken. */
describe('a difference', () => {
  test('is a finding where the ledger is not what its evidence says', async () => {
    await send(ownCall(3, 0x31))
    await ledger.client.command({
      query: `ALTER TABLE ${database}.calls UPDATE route = 'other', content_hash = unhex('${'0'.repeat(32)}') WHERE span_id = unhex('${spanId(0x31)}')`,
      clickhouse_settings: { mutations_sync: '1' },
    })
    const { code, stdout } = await explain('call', spanId(0x31))
    expect(code).toBe(1)
    expect(stdout).toMatch(/WOULD SAY SOMETHING ELSE:\n {2}replace 0+31 main: route other → /)
  })

  test('is a finding where compiled prices are not those of the book', async () => {
    await ledger.client.command({
      query: `ALTER TABLE ${database}.price_vector_rows UPDATE f9_input = 9 WHERE f9_input = 22500000000`,
      clickhouse_settings: { mutations_sync: '1' },
    })
    await ledger.client.command({ query: `SYSTEM RELOAD DICTIONARY ${database}.price_vectors` })
    const { code, stdout } = await explain('call', spanId(0x12))
    expect(code).toBe(1)
    expect(stdout).toMatch(/THE SQL VIEW SAYS SOMETHING ELSE: .* instead of \$0\.0035/)
  })
})
