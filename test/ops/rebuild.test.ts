/** What `outlay verify` finds, `outlay rebuild` repairs: to equal rows, at any moment of a kill, while a collector runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { connect } from '@outlay/clickhouse'
import { tempDir, type TempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { openStatementGate } from '../harness/statement-gate.ts'
import { otlpRequest, ownCall, sendRequest, shapedCall } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { readerOf, writerOf } from '../harness/run-outlay.ts'
import { startTestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const TARGETS = ['task', 'user', 'tenant', 'budget', 'overage', 'degradation', 'feature', 'product'].map(
  (name) => `${name}_counters`,
)
const CALLS = 5
const LATER = 4
/** Each asks the engine some hundred times; other suites run beside. */
vi.setConfig({ testTimeout: 180_000 })

let ledger: TestLedger
let database: string
let directory: TempDir
let log: string

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
const spanIs = (span: number): string => `span_id = unhex('${hex(span, 16)}')`

const send = async (url: string, spans: Parameters<typeof otlpRequest>[0]): Promise<void> => {
  expect(await sendRequest(url, otlpRequest(spans))).toBe(true)
}

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  directory = tempDir()
  log = `${directory.path}/wal`
  const running = await startTestCollector(ledger, database, { directory })
  const { collector } = running
  for (let n = 1; n <= CALLS; n += 1) await send(collector.url, [ownCall(n, n)])
  await send(collector.url, [shapedCall(8, { at: '2026-11-05T10:00:00Z', tenant: 'globex', inputTokens: 77 })])
  // In the quarantine, for lack of attribution.
  await send(collector.url, [
    { trace: 9, span: 9, scope: 'x', attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 7 } },
  ])
  await collector.settled()
  await running.close()
})
afterAll(async () => {
  await ledger.close()
  directory.remove()
})

const change = (query: string): Promise<unknown> =>
  ledger.client.command({ query, clickhouse_settings: { mutations_sync: '2', async_insert: 0 } })

const rowsOf = async <Row>(query: string): Promise<Row[]> =>
  (await ledger.client.query({ query, format: 'JSONEachRow' })).json<Row>()

/** Every row of every target, merged. */
const counters = async (): Promise<Readonly<Record<string, readonly unknown[]>>> =>
  Object.fromEntries(
    await Promise.all(
      [...TARGETS, 'skus'].map(async (name) => [
        name,
        await rowsOf(`SELECT * FROM ${database}.${name} FINAL ORDER BY ALL`),
      ]),
    ),
  )

interface Rebuilt {
  readonly counters: readonly { readonly target: string; readonly month: string; readonly remaining_rows: number }[]
  readonly settlement: Readonly<Record<string, unknown>> & { readonly differing_traces: number }
}

const run = (args: readonly string[]) => runProgram([...args, '--database', database], writerOf(ledger))

const rebuild = async (...args: string[]): Promise<Rebuilt & { readonly code: number }> => {
  const { code, stdout, stderr } = await run(['rebuild', '--log', log, '--idle', '--json', ...args])
  expect(stderr).toBe('')
  const answer = JSON.parse(stdout) as Rebuilt
  expectDocumentedShape('rebuild', answer)
  return { ...answer, code }
}

const NOTHING = {
  code: 0,
  counters: [],
  settlement: { differing_traces: 0, charges: 0, reversals: 0, remaining_traces: 0 },
}

const verified = async (): Promise<unknown> => {
  const { stdout } = await runProgram(['verify', '--idle', '--json', '--database', database], readerOf(ledger))
  return (JSON.parse(stdout) as { checks: { findings: unknown[] }[] }).checks.flatMap(({ findings }) => findings)
}

const DAMAGES = {
  task_counters: "DELETE FROM {db}.task_counters WHERE task = 'task-3'",
  user_counters: 'INSERT INTO {db}.user_counters SELECT * FROM {db}.user_counters',
  feature_counters: "ALTER TABLE {db}.feature_counters UPDATE input = input + 5 WHERE tenant = 'globex'",
  // Of calls that are nowhere in the ledger.
  tenant_counters:
    "INSERT INTO {db}.tenant_counters SELECT * REPLACE(toDateTime('2026-08-01 00:00:00', 'UTC') AS price_slot) FROM {db}.tenant_counters",
  skus: 'TRUNCATE TABLE {db}.skus',
} as const
type Damaged = keyof typeof DAMAGES
const ALL_DAMAGES = Object.keys(DAMAGES) as readonly Damaged[]

const damageCounters = async (targets: readonly Damaged[] = ALL_DAMAGES): Promise<void> => {
  for (const target of targets) await change(DAMAGES[target].replaceAll('{db}', database))
}

describe('counters', () => {
  test('that are not the sum of the ledger are told by a dry run, and repaired by months', async () => {
    const before = await counters()
    await damageCounters()
    const damaged = await counters()
    const plan = await rebuild('--dry-run')
    expect(plan.code).toBe(1)
    expect(plan.counters.map(({ target, month }) => `${target} ${month}`)).toEqual([
      'feature_counters 202611',
      'skus ',
      'task_counters 202610',
      'tenant_counters 202608',
      'user_counters 202610',
      'user_counters 202611',
    ])
    expect(await counters()).toEqual(damaged)
    const november = await rebuild('--from', '2026-11-05')
    expect(november.counters.map(({ target }) => target)).toEqual(['feature_counters', 'skus', 'user_counters'])
    const october = await rebuild()
    expect(october.counters.map(({ target }) => target)).toEqual(['task_counters', 'tenant_counters', 'user_counters'])
    expect(await counters()).toEqual(before)
  })

  test('and indexes of traces that miss rows or have too many are repaired like counters', async () => {
    const indexes = async (): Promise<unknown> => [
      await rowsOf(`SELECT trace_id, authority, day, entries FROM ${database}.entry_index FINAL ORDER BY ALL`),
      await rowsOf(
        `SELECT trace_id, authority, wal_id, day, spans, places FROM ${database}.span_index FINAL ORDER BY ALL`,
      ),
    ]
    const before = await indexes()
    await change(`TRUNCATE TABLE ${database}.entry_index`)
    await change(`INSERT INTO ${database}.span_index SELECT * FROM ${database}.span_index`)
    const repaired = await rebuild()
    expect(new Set(repaired.counters.map(({ target }) => target))).toEqual(new Set(['entry_index', 'span_index']))
    expect(await indexes()).toEqual(before)
  })

  test.each([
    ['before', false],
    ['after', true],
  ])('are whole in either state when the command is killed %s a month is put in place', async (_, passes) => {
    const before = await counters()
    await damageCounters(['feature_counters', 'skus'])
    const damaged = await counters()
    await using gate = await openStatementGate(ledger.engine.url, 'REPLACE PARTITION', passes)
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../packages/cli/src/main.ts'), 'rebuild', '--log', log, '--database', database],
      { env: { ...writerOf(ledger), PATH: process.env['PATH'], CLICKHOUSE_URL: gate.url }, stdio: 'ignore' },
    )
    const exited = once(child, 'exit')
    await gate.reached
    child.kill('SIGKILL')
    await exited
    // The one was put in place or not; the other had to wait for it.
    expect(await counters()).toEqual({
      ...damaged,
      ...(passes ? { feature_counters: before['feature_counters'] } : {}),
    })
    expect(await rebuild()).toMatchObject({ code: 0 })
    expect(await counters()).toEqual(before)
    expect(
      await rowsOf(`SELECT name FROM system.tables WHERE database = '${database}' AND endsWith(name, '_shadow')`),
    ).toEqual([])
  })
})

describe('entries', () => {
  test('that are gone, changed or too many are corrected by entries, and the counters with them', async () => {
    const before = await counters()
    await change(`DELETE FROM ${database}.calls WHERE ${spanIs(1)}`)
    await change(`ALTER TABLE ${database}.calls UPDATE input = 999 WHERE ${spanIs(2)}`)
    await change(`DELETE FROM ${database}.quarantine WHERE ${spanIs(9)}`)
    const expected = { differing_traces: 3, charges: 2, reversals: 1, refusals: 1, releases: 0 }
    expect(await rebuild('--dry-run')).toMatchObject({ code: 1, settlement: expected })
    const { stdout } = await run(['rebuild', '--log', log, '--idle'])
    expect(stdout).toMatch(
      /3 of \d+ traces differ from their evidence; posted: 2 charge\(s\), 1 reversal\(s\), 1 refusal/,
    )
    expect(await rebuild()).toMatchObject(NOTHING)
    expect(
      await rowsOf(
        `SELECT sign, seq, reason, toString(input) AS input FROM ${database}.calls WHERE ${spanIs(2)} ORDER BY seq, sign DESC`,
      ),
    ).toEqual([
      { sign: 1, seq: 1, reason: 'settled', input: '999' },
      { sign: -1, seq: 1, reason: 'operator', input: '999' },
      { sign: 1, seq: 2, reason: 'operator', input: '1000' },
    ])
    expect(await verified()).toEqual([])
    expect(await counters()).toEqual(before)
  })
})

test('a collector that runs does it itself: it takes spans all the while, and posts nothing until a month is in place', async () => {
  await using gate = await openStatementGate(ledger.engine.url, 'REPLACE PARTITION', false)
  const client = connect({ url: gate.url, ...ledger.engine.credentials.migrator, database: 'default' })
  const running = await startTestCollector({ ...ledger, client }, database, { directory })
  const counted = async (table: string): Promise<number> =>
    Number((await rowsOf<{ n: string }>(`SELECT count() AS n FROM ${database}.${table}`))[0]?.n)
  const [spans, calls] = [await counted('spans'), await counted('calls')]
  await damageCounters(['feature_counters', 'skus'])
  const rebuilding = rebuild()
  await gate.reached
  for (let n = 1; n <= LATER; n += 1) {
    await send(running.collector.url, [ownCall(100 + n, 100 + n)])
    await expect.poll(() => counted('spans'), { timeout: 30_000 }).toBe(spans + n)
  }
  // Each waited longer than its quiet period for the next one.
  expect(await counted('calls')).toBe(calls)
  gate.release()
  expect(await rebuilding).toMatchObject({ code: 0, counters: [{ target: 'feature_counters' }, { target: 'skus' }] })
  await running.collector.settled()
  expect(await counted('calls')).toBe(calls + LATER)
  expect(await verified()).toEqual([])
  await running.close()
  await client.close()
})

test('a directory without a log ends with 3', async () => {
  const { code, stderr } = await run(['rebuild', '--log', `${directory.path}/nothing`])
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/^E_NO_LOG/) })
})
