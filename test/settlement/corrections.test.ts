import { callsTable, type CallRow, connect, quarantineTable, readRows, spansTable } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import { DIALECT_RULES, RULES_VERSION, type SpanEvidence } from '@outlay/semconv'
import { tempDir } from '@outlay/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUILT_IN_DIALECTS, planParts } from '../../packages/collector/src/ledger/plan-parts.ts'
import { partsToSettle, traceOf } from '../../packages/collector/src/ledger/trace-record.ts'
import { storedSpanOf } from '../../packages/collector/src/pipeline/span-rows.ts'
import { targetsThatDiffer } from '../harness/conservation.ts'
import { requestOf } from '../harness/otlp-evidence.ts'
import { sendRequest } from '../harness/otlp-spans.ts'
import { deliveriesOf, hexOf, randomTrace } from '../harness/random-traces.ts'
import { openStatementGate } from '../harness/statement-gate.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
let collector: TestCollector
const directory = tempDir()

/** Real time, and days that the tests skip. */
const clock = { skippedMs: 0, now: (): number => Date.now() + clock.skippedMs }
const POLICY = { require: ['tenant'] as const }
const start = (dialects = BUILT_IN_DIALECTS): Promise<TestCollector> =>
  startTestCollector(ledger, database, { directory, clock, dialects, ...POLICY })

const restart = async (dialects = BUILT_IN_DIALECTS): Promise<void> => {
  await collector.close()
  collector = await start(dialects)
}

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  collector = await start()
}, 60_000)

afterAll(async () => {
  await collector?.close()
  await ledger?.close()
  directory.remove()
})

const send = async (spans: readonly SpanEvidence[]): Promise<void> => {
  expect(await sendRequest(collector.collector.url, requestOf(spans))).toBe(true)
}

const settled = (): Promise<void> => collector.collector.settled()

const OWNER = { 'outlay.tenant.id': 'acme', 'outlay.feature': 'chat', 'outlay.workload': 'agent' } as const

interface Sketch {
  readonly id: number
  readonly parent?: number
  readonly scope?: string
  readonly attributes: SpanEvidence['attributes']
}

/** A span of one trace; the newer the better. */
const spanOf = (
  trace: number,
  { id, parent, scope = 'opentelemetry.util.genai', attributes }: Sketch,
): SpanEvidence => ({
  authority: 'local',
  traceId: hexOf(trace, 32),
  spanId: hexOf(id, 16),
  parentSpanId: parent === undefined ? '' : hexOf(parent, 16),
  name: 'span',
  kind: 3,
  statusCode: 0,
  startUnixNano: 1_790_000_000_000_000_000n,
  endUnixNano: 1_790_000_001_000_000_000n,
  receivedUnixNano: 0n,
  scopeName: scope,
  scopeVersion: '',
  resource: {},
  attributes,
})

const usage = (operation: string, input: number, cached = 0): SpanEvidence['attributes'] => ({
  ...OWNER,
  'gen_ai.operation.name': operation,
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5',
  'gen_ai.usage.input_tokens': BigInt(input),
  'gen_ai.usage.output_tokens': 10n,
  'gen_ai.usage.cache_read.input_tokens': BigInt(cached),
})

const entriesOf = async (trace: number): Promise<CallRow[]> => {
  const where = `trace_id = unhex('${hexOf(trace, 32)}')`
  const rows = await readRows(ledger.client, database, callsTable, { where })
  return rows.toSorted((a, b) => Number(a.unit - b.unit) || a.pos - b.pos)
}

const refusalsOf = async (trace: number) => {
  const where = `trace_id = unhex('${hexOf(trace, 32)}')`
  const rows = await readRows(ledger.client, database, quarantineTable, { where })
  return rows.toSorted((a, b) => Number(a.unit - b.unit) || a.pos - b.pos)
}

const said = (rows: readonly CallRow[]): (readonly (string | number)[])[] =>
  rows.map(({ sign, reason, span_id, input }) => [sign, reason, Number(`0x${span_id}`), input])

describe('a correction says why it was made', () => {
  test('a call below a promoted sum: the sum is reversed for a late span', async () => {
    await send([spanOf(1, { id: 1, attributes: usage('invoke_agent', 100) })])
    await settled()
    await send([spanOf(1, { id: 2, parent: 1, attributes: usage('chat', 60) })])
    await settled()
    expect(said(await entriesOf(1))).toEqual([
      [1, 'settled', 1, 100],
      [-1, 'late_span', 1, 100],
      [1, 'settled', 2, 60],
    ])
  })

  test('a root that brings what its calls lack: attribution', async () => {
    await send([spanOf(2, { id: 2, parent: 1, attributes: usage('chat', 60) })])
    await settled()
    await send([spanOf(2, { id: 1, attributes: { 'outlay.task.id': 'task-1', 'gen_ai.operation.name': 'chain' } })])
    await settled()
    const entries = await entriesOf(2)
    expect(said(entries)).toEqual([
      [1, 'settled', 2, 60],
      [-1, 'attribution', 2, 60],
      [1, 'attribution', 2, 60],
    ])
    expect(entries.map(({ task }) => task)).toEqual(['', '', 'task-1'])
  })

  test('another record of the same call, with more detail: duplicate', async () => {
    const same = { 'gen_ai.response.id': 'response-1' }
    const plain = { ...usage('chat', 60), ...same, 'gen_ai.usage.cache_read.input_tokens': '' }
    await send([spanOf(3, { id: 1, attributes: plain })])
    await settled()
    await send([spanOf(3, { id: 2, attributes: { ...usage('chat', 60, 20), ...same } })])
    await settled()
    expect(said(await entriesOf(3))).toEqual([
      [1, 'settled', 1, 60],
      [-1, 'duplicate', 1, 60],
      [1, 'settled', 2, 40],
    ])
  })
})

describe('a sum that no call explains and that may not be billed', () => {
  test('stands in quarantine with its numbers until its calls arrive', async () => {
    const strands = { scope: 'strands.telemetry.tracer' }
    await send([spanOf(4, { id: 1, ...strands, attributes: usage('invoke_agent', 500) })])
    await settled()
    expect(await entriesOf(4)).toEqual([])
    const [listed] = await refusalsOf(4)
    expect(listed).toMatchObject({ sign: 1, reason: 'unbilled_aggregate', tenant: 'acme', model: 'gpt-5' })
    expect(listed?.meters).toEqual({ input: 500, output: 10 })
    await send([spanOf(4, { id: 2, parent: 1, ...strands, attributes: usage('chat', 500) })])
    await settled()
    expect((await refusalsOf(4)).map(({ sign }) => sign)).toEqual([1, -1])
    expect(said(await entriesOf(4))).toEqual([[1, 'settled', 2, 500]])
  })

  test('is told apart where it may stand above calls that are billed', async () => {
    await send([
      spanOf(5, { id: 1, attributes: usage('invoke_agent', 500) }),
      spanOf(5, { id: 3, parent: 2, attributes: usage('chat', 200) }),
    ])
    await settled()
    expect((await refusalsOf(5)).map(({ reason }) => reason)).toEqual(['broken_ancestry'])
    expect(said(await entriesOf(5))).toEqual([[1, 'settled', 3, 200]])
  })
})

describe('a new version of the rules', () => {
  /** As if the table had believed that this emitter writes exclusive counts. */
  const MISTAKEN = {
    version: 'an older one',
    rules: DIALECT_RULES.map((rule) =>
      rule.id === 'sentry' ? { ...rule, rev: 0, meaning: { ...rule.meaning, cache: 'excluded' as const } } : rule,
    ),
  }
  const sentry = { id: 1, scope: 'sentry', attributes: usage('chat', 100, 30) }

  test('is applied once to what is open, and posts only where a row says something else', async () => {
    await restart(MISTAKEN)
    await send([spanOf(6, sentry)])
    await send([spanOf(7, { id: 1, attributes: usage('chat', 70) })])
    await settled()
    expect(said(await entriesOf(6))).toEqual([[1, 'settled', 1, 100]])

    await restart()
    await expect.poll(() => collector.events.map(({ type }) => type), { timeout: 20_000 }).toContain('rules_followed')
    const [first, reversal, charge] = await entriesOf(6)
    expect(said([first, reversal, charge] as CallRow[])).toEqual([
      [1, 'settled', 1, 100],
      [-1, 'rule_change', 1, 100],
      [1, 'rule_change', 1, 70],
    ])
    expect([first?.rules_version, charge?.rules_version]).toEqual(['an older one', RULES_VERSION])
    expect([first?.rule_id, charge?.rule_id]).toEqual(['sentry@0', expect.stringMatching(/^sentry@[1-9]/)])
    expect(await entriesOf(7)).toHaveLength(1)

    const again = collector.events.find((event) => event.type === 'rules_followed')
    expect(again).toMatchObject({ corrections: 2 })
    await restart()
    await send([spanOf(8, { id: 1, attributes: usage('chat', 1) })])
    await settled()
    expect(collector.events.map(({ type }) => type)).not.toContain('rules_followed')
    expect(await entriesOf(6)).toHaveLength(3)
  })
})

describe('random traces, in pieces, some twice, over two runs of the collector', () => {
  test('settle to one ledger, whatever their order, and derive from stored evidence again', async () => {
    const TRACES = 30
    const [plans = []] = fc.sample(
      fc.tuple(
        ...Array.from({ length: TRACES }, (_, trace) =>
          randomTrace(100 + trace).chain((spans) => fc.tuple(fc.constant(spans), deliveriesOf(spans))),
        ),
      ),
      { numRuns: 1, seed: 20_261_122 },
    )
    // At once, under trace ids of their own: what the pieces must come to.
    const twinOf = (traceId: string): string => `f${traceId.slice(1)}`
    await send(plans.flatMap(([spans]) => spans.map((span) => ({ ...span, traceId: twinOf(span.traceId) }))))
    const requests = plans.flatMap(([, pieces]) => pieces)
    const byTurns = requests.toSorted((a, b) => (JSON.stringify(idsOf(a)) < JSON.stringify(idsOf(b)) ? -1 : 1))
    for (const [position, request] of byTurns.entries()) {
      await send(request)
      if (position === Math.floor(byTurns.length / 3)) await settled()
      if (position === Math.floor((byTurns.length * 2) / 3)) await restart()
    }
    await settled()

    const calls = await readRows(ledger.client, database, callsTable, { where: '1' })
    const quarantine = await readRows(ledger.client, database, quarantineTable, { where: '1' })
    const net = (first: string): string[] => {
      const open = new Map<string, number>()
      for (const row of [...calls, ...quarantine].filter(({ trace_id }) => isOfTest(trace_id, first))) {
        const meaning = `${row.trace_id.slice(1)} ${row.span_id} ${row.part} ${numbersOf(row)}`
        open.set(meaning, (open.get(meaning) ?? 0) + row.sign)
      }
      return [...open].flatMap(([meaning, sign]) => (sign === 0 ? [] : [`${sign} ${meaning}`])).toSorted()
    }
    expect(net('0').length).toBeGreaterThan(TRACES)
    expect(net('0')).toEqual(net('f'))
    await expect.poll(() => targetsThatDiffer(ledger, database), { timeout: 5_000 }).toEqual([])

    // The whole database once more through the same rules: nothing would be posted.
    const spans = await readRows(ledger.client, database, spansTable, { where: '1' })
    const parts = [...Map.groupBy(spans, ({ trace_id }) => trace_id)].flatMap(([traceId, ofTrace]) => {
      const isOf = ({ trace_id }: { readonly trace_id: string }): boolean => trace_id === traceId
      const entries = { calls: calls.filter(isOf), quarantine: quarantine.filter(isOf) }
      const stored = traceOf({ authority: 'local', traceId }, ofTrace.map(storedSpanOf), entries)
      return partsToSettle(stored, clock.now(), { walId: 'none', fromLsn: undefined })
    })
    const posting = { postedAtMs: clock.now(), walId: 'none', unit: 1n }
    const policy = { ...POLICY, ...ledger.book }
    expect(parts.length).toBeGreaterThan(TRACES * 2)
    expect(planParts(parts, { dialects: BUILT_IN_DIALECTS, policy, posting, trigger: 'rules' })).toEqual({
      calls: [],
      quarantine: [],
    })
  }, 60_000)
})

const idsOf = (spans: readonly SpanEvidence[]): readonly string[] =>
  spans.map(({ spanId, traceId }) => spanId + traceId)

const isOfTest = (traceId: string, first: string): boolean =>
  traceId.startsWith(first) && Number(`0x${traceId.slice(1)}`) >= 100

/** Everything a row says but where and when it was posted. */
const numbersOf = ({ content_hash: _hash, ...row }: { readonly content_hash: string }): string => {
  const posting = new Set([
    'entry_id',
    'seq',
    'sign',
    'reverses',
    'reason',
    'posted_at',
    'wal_id',
    'unit',
    'pos',
    'trace_id',
    'received_at',
  ])
  return JSON.stringify(
    Object.entries(row)
      .filter(([column]) => !posting.has(column))
      .map(([, value]) => (typeof value === 'bigint' ? String(value) : value)),
  )
}

// The last one: it moves the clock.
describe('a trace that has closed', () => {
  test('keeps its promoted sum; what comes later is charged alone and says so', async () => {
    await send([spanOf(9, { id: 1, attributes: usage('invoke_agent', 100) })])
    await settled()
    clock.skippedMs = limits.candidateTtlMs + 60_000
    await send([spanOf(9, { id: 2, parent: 1, attributes: usage('chat', 60) })])
    await send([
      spanOf(9, { id: 1, attributes: { ...usage('invoke_agent', 999), 'gen_ai.usage.total_tokens': 1_009n } }),
    ])
    await settled()
    const entries = await entriesOf(9)
    expect(said(entries)).toEqual([
      [1, 'settled', 1, 100],
      [1, 'settled', 2, 60],
    ])
    expect(entries.map(({ flags }) => flags.includes('orphan_late'))).toEqual([false, true])
  })
})

describe('a trace whose evidence is stored and not acked yet', () => {
  test('is not settled before its quiet period because the rules are followed meanwhile', async () => {
    using log = tempDir()
    const { engine } = ledger
    // The database has the spans, and its answer is kept back; until then nobody may ask which rules were followed.
    await using answer = await openStatementGate(engine.url, `INSERT+INTO+${database}.spans`, true)
    await using rules = await openStatementGate(answer.url, `${database}.rule_derivations`, false)
    const client = connect({ url: rules.url, ...engine.credentials.migrator, database: 'default' })
    const slow = { directory: log, clock, ...POLICY, quietPeriodMs: 3_600_000 }
    const other = await startTestCollector({ ...ledger, client }, database, slow)
    expect(
      await sendRequest(other.collector.url, requestOf([spanOf(20, { id: 1, attributes: usage('chat', 70) })])),
    ).toBe(true)
    await Promise.all([answer.reached, rules.reached])
    rules.release()
    await expect
      .poll(() => other.events, { timeout: 20_000 })
      .toContainEqual(expect.objectContaining({ type: 'rules_followed', traces: 1, corrections: 0 }))
    expect(await entriesOf(20)).toEqual([])
    answer.release()
    await other.close()
    await client.close()
  })
})
