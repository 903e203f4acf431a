import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type JsonRequest, otelProtobuf } from '../../packages/collector/test/normalize/otel-protobuf.ts'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { type MadeUpSpan, otlpRequest, ownCall } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, type Outcome, runOutlay } from '../harness/run-outlay.ts'

interface Entry {
  readonly trace_id: string
  readonly span_id: string
  readonly billable: boolean
  readonly disposition: string
  readonly meters: Readonly<Record<string, number>>
  readonly inclusion: string
  readonly billable_reason: string | null
}

interface DialectCase {
  readonly id: string
  readonly otlp: JsonRequest
  readonly expected: readonly (Pick<Entry, 'span_id' | 'meters'> & Partial<Entry>)[]
}

const cases = JSON.parse(
  readFileSync(`${import.meta.dirname}/../../packages/semconv/test/fixtures/otlp-dialect-cases.json`, 'utf8'),
) as DialectCase[]

const normalize = (input: string | Uint8Array, ...args: string[]): Promise<Outcome> =>
  runProgram(['normalize', '-', ...args], NO_LEDGER, Buffer.from(input))

const entriesOf = ({ code, stdout, stderr }: Outcome): readonly Entry[] => {
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const answer = JSON.parse(stdout) as { entries: readonly Entry[] }
  expectDocumentedShape('normalize', answer)
  return answer.entries
}

/** What is billed, in the shape of the fixtures. */
const billedIn = (entries: readonly Entry[], { expected }: DialectCase) =>
  entries
    .filter(({ billable }) => billable)
    .map(({ span_id, meters, inclusion, billable_reason }, position) => ({
      span_id,
      meters,
      // Compared where the fixture gives them.
      ...(expected[position]?.inclusion === undefined ? {} : { inclusion }),
      ...(expected[position]?.billable_reason === undefined ? {} : { billable_reason }),
    }))

const reversed = ({ resourceSpans }: JsonRequest): JsonRequest => ({
  resourceSpans: resourceSpans.toReversed().map((resource) => ({
    ...resource,
    scopeSpans: resource.scopeSpans.toReversed().map((scope) => ({ ...scope, spans: scope.spans.toReversed() })),
  })),
})

describe('outlay normalize bills exactly what the dialect cases expect', () => {
  test.each(cases)('$id', async (dialectCase) => {
    const { otlp, expected } = dialectCase
    const entries = entriesOf(await normalize(JSON.stringify(otlp)))
    expect(billedIn(entries, dialectCase)).toEqual(expected)
    expect(entriesOf(await normalize(JSON.stringify(reversed(otlp))))).toEqual(entries)
    expect(entriesOf(await normalize(gzipSync(otelProtobuf(otlp))))).toEqual(entries)
  })

  test('all of them in one file, one request per line and each twice', async () => {
    const lines = [...cases, ...cases].map(({ otlp }) => JSON.stringify(otlp)).join('\n')
    const byTrace = Map.groupBy(entriesOf(await normalize(lines)), ({ trace_id }) => trace_id)
    for (const dialectCase of cases) {
      const traceId = dialectCase.otlp.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.traceId ?? ''
      expect(billedIn(byTrace.get(traceId) ?? [], dialectCase)).toEqual(dialectCase.expected)
    }
  })
})

describe('an entry of outlay normalize', () => {
  const entriesFor = async (...spans: MadeUpSpan[]): Promise<readonly Entry[]> =>
    entriesOf(await normalize(JSON.stringify(otlpRequest(spans))))

  test('of a complete call is a charge, with selectors, attribution and what its sender claims', async () => {
    const call = ownCall(7, 1)
    expect(await entriesFor({ ...call, attributes: { ...call.attributes, 'gen_ai.usage.cost': '0.01' } })).toEqual([
      {
        trace_id: '7'.padStart(32, '0'),
        span_id: '1'.padStart(16, '0'),
        part: 'main',
        billable: true,
        disposition: 'charged',
        billable_reason: 'leaf',
        covered_by: null,
        calls_below: 0,
        rule: expect.stringMatching(/^outlay@\d+$/),
        scope: { name: '@outlay/instrumentation', version: '' },
        usage_status: 'reported',
        inclusion: 'raw',
        cache_split: 'unknown',
        flags: [],
        meters: { input: 1_000, output: 100 },
        input_total: 1_000,
        output_total: 100,
        selectors: { provider: 'openai', request_model: 'gpt-5', response_model: 'gpt-5' },
        attribution: {
          tenant: 'acme',
          user: expect.stringMatching(/^h_/),
          subject: 'user',
          feature: 'support-chat',
          workload: 'chat',
          task: 'task-7',
          task_type: 'support-chat',
          tier: 'pro',
          service: 'made-up',
          attempt: 1,
        },
        missing: [],
        response_id: '',
        reported_cost: { usd: '0.01', source: 'gen_ai.usage.cost' },
      },
    ])
  })

  const attributed = { 'outlay.tenant.id': 'acme', 'outlay.feature': 'f', 'outlay.workload': 'chat' }
  const chat = { 'gen_ai.operation.name': 'chat', ...attributed }

  test('says where each span lands', async () => {
    const entries = await entriesFor(
      { trace: 1, span: 1, scope: 'x', attributes: { 'gen_ai.operation.name': 'invoke_agent', ...attributed } },
      { trace: 1, span: 2, parent: 1, scope: 'x', attributes: { ...chat, 'gen_ai.usage.input_tokens': 5 } },
      { trace: 1, span: 3, parent: 1, scope: 'x', attributes: chat },
      { trace: 1, span: 4, parent: 1, scope: 'x', attributes: { 'gen_ai.operation.name': 'execute_tool' } },
      {
        trace: 1,
        span: 5,
        parent: 1,
        attributes: {
          ...chat,
          'outlay.usage.raw': '{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens":1}',
        },
      },
      {
        trace: 1,
        span: 6,
        scope: 'x',
        attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 5 },
      },
      { trace: 1, span: 7, scope: 'x', attributes: { 'http.route': '/' } },
    )
    expect(
      entries.map(({ span_id, billable, disposition }) => [Number.parseInt(span_id, 16), billable, disposition]),
    ).toEqual([
      [1, false, 'covered'],
      [2, true, 'charged'],
      [3, false, 'absent'],
      [4, false, 'not_billable'],
      [5, true, 'conflict'],
      [6, true, 'quarantined'],
    ])
    expect(entries.at(-1)).toMatchObject({ missing: ['tenant', 'feature', 'workload'], usage_status: 'partial' })
  })

  test('of a part that bills apart stands behind its call', async () => {
    const [main, part] = await entriesFor({
      trace: 1,
      span: 1,
      scope: 'com.anthropic.sdk.typescript',
      attributes: {
        ...chat,
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 10,
        'anthropic.usage.compaction.input_tokens': 70,
        'anthropic.usage.compaction.output_tokens': 7,
      },
    })
    expect(main).toMatchObject({ part: 'main', meters: { input: 100, output: 10 } })
    expect(part).toMatchObject({ part: 'compaction', span_id: main?.span_id, meters: { input: 70, output: 7 } })
  })

  test('is laid out as the whole answer is', async () => {
    for (const request of [otlpRequest([ownCall(1, 1), ownCall(1, 2)]), {}]) {
      const { stdout } = await normalize(JSON.stringify(request))
      expect(stdout).toBe(`${JSON.stringify(JSON.parse(stdout), null, 2)}\n`)
    }
  })
})

describe('the command', () => {
  let directory: TempDir
  const fileOf = (name: string, content: string): string => {
    writeFileSync(`${directory.path}/${name}`, content)
    return `${directory.path}/${name}`
  }
  beforeAll(() => {
    directory = tempDir()
  })
  afterAll(() => directory.remove())

  test('settles several files together, from a shell, without any ledger', async () => {
    const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 1_000 }
    const outer = fileOf('a.json', JSON.stringify(otlpRequest([{ trace: 1, span: 9, scope: 'x', attributes: agent }])))
    const inner = fileOf('b.json', JSON.stringify(otlpRequest([{ ...ownCall(1, 1), parent: 9 }])))
    const entries = entriesOf(await runOutlay(['normalize', outer, inner], NO_LEDGER))
    expect(entries.map(({ disposition }) => disposition)).toEqual(['charged', 'covered'])
  })

  test('ends quietly when its reader has enough', async () => {
    const spans = Array.from({ length: 500 }, (_, index) => ownCall(index + 1, 1))
    const many = fileOf('many.json', JSON.stringify(otlpRequest(spans)))
    const child = spawn(process.execPath, ['packages/cli/src/main.ts', 'normalize', many], {
      cwd: `${import.meta.dirname}/../..`,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  })

  test('prints a table for people', async () => {
    const { stdout, code } = await normalize(JSON.stringify(otlpRequest([ownCall(1, 1)])), '--table')
    expect(code).toBe(0)
    expect(stdout).toMatch(/charged .*input 1000 .*openai .*outlay@/)
    expect(stdout).toMatch(/1 billable of 1 entries in 1 trace/)
  })

  test('names rejected spans and raw user ids on stderr, and exits 1 for what it could not take', async () => {
    const user = { ...ownCall(1, 1), attributes: { ...ownCall(1, 1).attributes, 'user.id': 'jane@example.test' } }
    const { code, stdout, stderr } = await normalize(JSON.stringify(otlpRequest([user, { trace: 0, span: 2 }])))
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'Rejected, as on receipt: invalid_trace_id 1.\nRaw user ids dropped: 1; a collector without a key does the same.\n',
    })
    expect(stdout).not.toContain('jane')
    expect(JSON.parse(stdout)).toMatchObject({ summary: { spans: 1, rejected_spans: { invalid_trace_id: 1 } } })
  })

  test('leaves out lines of other signals, and says so', async () => {
    const { code, stderr } = await normalize(`{"resourceLogs":[]}\n${JSON.stringify(otlpRequest([ownCall(1, 1)]))}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Left out: 1 line(s) with logs, metrics or profiles.\n' })
  })

  test.each([
    [
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":7}]}]}]}',
      /E_TRACE_FILE: stdin: expected a string at .*traceId/,
    ],
    ['{"resourceSpans":', /stdin: malformed JSON/],
    [`{"resourceSpans":[]}\n{"resourceSpans":`, /stdin:2: malformed JSON/],
    ['{"resource_spans":[],"secret value":1}', /without resourceSpans; got an object with resource_spans, …; want/],
    ['{"resourceLogs":[]}\n{"resourceMetrics":[]}', /no line holds traces/],
    [Buffer.from([0x0a, 0x05, 0x01]), /malformed protobuf: length beyond the enclosing message at byte 1/],
  ])('refuses %s with what is wrong', async (input, message) => {
    const { code, stdout, stderr } = await normalize(input)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test('refuses a file that is not there', async () => {
    expect(await runProgram(['normalize', 'no-such-file.json'], NO_LEDGER)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/E_FILE: no-such-file.json/),
    })
  })
})
