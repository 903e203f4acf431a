/** Each law of the ledger is broken once, in a ledger that a collector has filled, and `outlay verify` finds that alone. */
import type { Finding } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { agentRun } from '../harness/explained-calls.ts'
import { type MadeUpSpan, otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { readerOf } from '../harness/run-outlay.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

interface Verification {
  readonly found: number
  readonly checks: readonly {
    readonly check: string
    readonly checked: Readonly<Record<string, number>>
    readonly found: number
    readonly findings: readonly Finding[]
  }[]
}

let ledger: TestLedger
let database: string
let collector: TestCollector

const TRACES = 6
/** Each asks the engine some hundred times; other suites run beside. */
vi.setConfig({ testTimeout: 180_000 })
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

const send = async (span: MadeUpSpan): Promise<void> => {
  expect(await sendRequest(collector.collector.url, otlpRequest([span]))).toBe(true)
}

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  collector = await startTestCollector(ledger, database)
  for (let n = 1; n <= TRACES; n += 1) await send(ownCall(n, n))
  // A sum that is charged until its call arrives: the ledger holds a reversal.
  for (const span of [agentRun(9, 0x91), { ...ownCall(9, 0x92), parent: 0x91 }]) {
    await send(span)
    await collector.collector.settled()
  }
  await collector.close()
})
afterAll(() => ledger.close())

const verify = async (...args: string[]): Promise<Verification> => {
  const { code, stdout, stderr } = await runProgram(
    ['verify', '--database', database, '--idle', '--json', ...args],
    readerOf(ledger),
  )
  expect(stderr).toBe('')
  const answer = JSON.parse(stdout) as Verification
  expectDocumentedShape('verify', answer)
  expect(code).toBe(answer.found === 0 ? 0 : 1)
  return answer
}

const findingsOf = ({ checks }: Verification): readonly Finding[] => checks.flatMap(({ findings }) => findings)

const change = (query: string): Promise<unknown> =>
  ledger.client.command({ query, clickhouse_settings: { mutations_sync: '2', async_insert: 0 } })

/** Breaks something in copies of tables, which take the place of the real ones for a while. */
const withDamage = async (tables: readonly string[], damage: readonly string[], look: () => Promise<void>) => {
  for (const table of tables) {
    await change(`CREATE TABLE ${database}.${table}_kept AS ${database}.${table}`)
    await change(`INSERT INTO ${database}.${table}_kept SELECT * FROM ${database}.${table}`)
  }
  try {
    for (const query of damage) await change(query)
    await look()
  } finally {
    for (const table of tables) {
      await change(`TRUNCATE TABLE ${database}.${table}`)
      await change(`ALTER TABLE ${database}.${table} ATTACH PARTITION ALL FROM ${database}.${table}_kept`)
      await change(`DROP TABLE ${database}.${table}_kept SYNC`)
    }
  }
}

const SPAN = `span_id = unhex('${hex(3, 16)}')`
const PLACE = { trace_id: hex(3, 32), span_id: hex(3, 16) }

test('a ledger that a collector made proves itself, and says how much was looked at', async () => {
  const answer = await verify()
  expect(findingsOf(answer)).toEqual([])
  const checked = Object.fromEntries(answer.checks.map((check) => [check.check, check.checked]))
  expect(checked).toMatchObject({
    counters: { targets: 8 },
    windows: { tables: 14 },
    trace_indexes: { 'index rows': expect.any(Number) as number },
    entry_ids: { 'calls rows': TRACES + 3 },
    reversals: { 'calls rows': 1 },
    evidence: { 'calls rows': TRACES + 3 },
    log_records: { logs: 1, records: TRACES + 2, spans: TRACES + 2 },
    settlement: { traces: TRACES + 1, spans: TRACES + 2, entries: TRACES + 3 },
  })
  const { stdout } = await runProgram(['verify', '--database', database], readerOf(ledger))
  expect(stdout).toMatch(/ok +counters +every row of the eight targets is the sum of the ledger \(8 targets, /)
  expect(stdout).toMatch(/Nothing is wrong\.\n$/)
})

describe('finds', () => {
  test('an entry that stands twice, and what it does to its call and to every target', async () => {
    const double = `INSERT INTO ${database}.calls SELECT * FROM ${database}.calls WHERE ${SPAN}`
    const targets = [
      'calls',
      'entry_index',
      'skus',
      'task_counters',
      'user_counters',
      'tenant_counters',
      'budget_counters',
      'overage_counters',
    ]
    const others = ['degradation_counters', 'feature_counters', 'product_counters']
    await withDamage([...targets, ...others], [double], async () => {
      const found = findingsOf(await verify())
      expect(found.map(({ check }) => check)).toEqual(['entry_ids', 'net_signs'])
      expect(found[0]).toMatchObject({ where: PLACE, got: '2', want: '1' })
      expect(found[1]).toMatchObject({ where: { ...PLACE, part: 'main' }, got: '2' })
    })
  })

  test('a reversal that says something else than its charge', async () => {
    const bend = `ALTER TABLE ${database}.calls UPDATE input = input + 1 WHERE sign < 0`
    await withDamage(['calls'], [bend], async () => {
      const found = findingsOf(await verify())
      expect(new Set(found.map(({ check }) => check))).toEqual(new Set(['reversals', 'counters']))
      expect(found.filter(({ check }) => check === 'counters')).toHaveLength(8)
      expect(found[0]).toMatchObject({
        what: 'a reversal does not repeat its charge',
        where: { span_id: hex(0x91, 16) },
      })
    })
  })

  test('an entry that was changed after it was posted', async () => {
    const bend = `ALTER TABLE ${database}.calls UPDATE input = 999 WHERE ${SPAN}`
    await withDamage(['calls'], [bend], async () => {
      const settlement = findingsOf(await verify()).filter(({ check }) => check === 'settlement')
      expect(settlement).toEqual([
        expect.objectContaining({
          what: 'an entry does not say what it said when it was posted',
          where: expect.objectContaining(PLACE),
        }),
      ])
    })
  })

  test('a charge that is gone', async () => {
    await withDamage(['calls'], [`DELETE FROM ${database}.calls WHERE ${SPAN}`], async () => {
      const settlement = findingsOf(await verify()).filter(({ check }) => check === 'settlement')
      expect(settlement).toEqual([
        expect.objectContaining({
          what: 'a call that its evidence charges is not charged',
          where: expect.objectContaining(PLACE),
          want: 'input_total 1000, output_total 100',
        }),
      ])
    })
  })

  test('what is gone or doubled beside the ledger: counters, skus, spans and records of a log', async () => {
    const tables = ['task_counters', 'skus', 'spans', 'span_index', 'entry_index']
    const damage = [
      `DELETE FROM ${database}.task_counters WHERE task = 'task-3'`,
      `TRUNCATE TABLE ${database}.skus`,
      `TRUNCATE TABLE ${database}.entry_index`,
      `DELETE FROM ${database}.spans WHERE ${SPAN}`,
      `INSERT INTO ${database}.spans SELECT * FROM ${database}.spans WHERE span_id = unhex('${hex(4, 16)}')`,
    ]
    await withDamage(tables, damage, async () => {
      const found = findingsOf(await verify())
      const [indexes, others] = [true, false].map((of) =>
        found.filter(({ check }) => (check === 'trace_indexes') === of),
      )
      expect(indexes).toContainEqual(
        expect.objectContaining({
          where: expect.objectContaining({ table: 'entry_index' }),
          got: 'entries 0',
          want: 'entries 1',
        }),
      )
      expect(indexes).toContainEqual(
        expect.objectContaining({
          where: expect.objectContaining({ table: 'span_index' }),
          got: expect.stringMatching(/^spans 1, places /),
          want: expect.stringMatching(/^spans 0, places 0/),
        }),
      )
      expect(others?.map(({ check }) => check)).toEqual(['counters', 'skus', 'evidence', 'log_records', 'log_records'])
      expect(others).toMatchObject([
        {
          where: { table: 'task_counters', tenant: 'acme', task: 'task-3' },
          got: expect.stringContaining('calls 0, charges 0'),
          want: expect.stringContaining('calls 1, charges 1, input_tokens 1000, output_tokens 100, input 1000'),
          fix: expect.stringContaining('outlay rebuild'),
        },
        { where: { table: 'skus', model: 'gpt-5' }, got: expect.stringContaining('calls 0') },
        { where: PLACE, got: 'no span' },
        { where: { lsn: '4' }, got: '2 span(s)', want: expect.stringMatching(/^1,/) },
        { what: 'records of a log are missing', where: { lsn: '3' } },
      ])
      const earlier = findingsOf(await verify('--to', '2026-10-05T10:00:00Z'))
      expect(earlier.map(({ check }) => check)).toEqual(['skus'])
    })
  })

  test('a target without a window, and a view that is gone', async () => {
    await change(`ALTER TABLE ${database}.user_counters MODIFY SETTING non_replicated_deduplication_window = 0`)
    const { as_select } = await viewOf('overage_counters_mv')
    await change(`DROP TABLE ${database}.overage_counters_mv SYNC`)
    expect(findingsOf(await verify())).toEqual([
      expect.objectContaining({ check: 'schema', where: { table: 'overage_counters_mv' } }),
      expect.objectContaining({ check: 'windows', where: { table: 'user_counters' }, got: 'a window of 0 inserts' }),
    ])
    await change(
      `CREATE MATERIALIZED VIEW ${database}.overage_counters_mv TO ${database}.overage_counters AS ${as_select}`,
    )
    await change(`ALTER TABLE ${database}.user_counters MODIFY SETTING non_replicated_deduplication_window = 10000`)
    expect(findingsOf(await verify())).toEqual([])
  })
})

const viewOf = async (name: string): Promise<{ as_select: string }> => {
  const result = await ledger.client.query({
    query: `SELECT as_select FROM system.tables WHERE database = '${database}' AND name = '${name}'`,
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ as_select: string }>()
  if (row === undefined) throw new Error(`no view ${name}`)
  return row
}

test('beside a running collector, what waits for settlement is no finding, and a difference has to last', async () => {
  const running = await startTestCollector(ledger, database, { quietPeriodMs: 3_600_000 })
  // Following the rules looks at every stored trace once, also at one that was stored a moment ago.
  await expect.poll(() => running.events.some(({ type }) => type === 'rules_followed'), { timeout: 20_000 }).toBe(true)
  expect(await sendRequest(running.collector.url, otlpRequest([ownCall(20, 20)]))).toBe(true)
  await expect
    .poll(
      async () =>
        (
          await ledger.client.query({
            query: `SELECT count() AS n FROM ${database}.spans WHERE trace_id = unhex('${hex(20, 32)}')`,
            format: 'JSONEachRow',
          })
        ).json(),
      { timeout: 20_000 },
    )
    .toEqual([{ n: '1' }])
  const { code, stdout } = await runProgram(['verify', '--database', database, '--json'], readerOf(ledger))
  const answer = JSON.parse(stdout) as Verification
  expect({ code, found: findingsOf(answer) }).toEqual({ code: 0, found: [] })
  expect(answer.checks.at(-1)?.checked).toMatchObject({ 'traces waiting for settlement': 1 })
  expect(findingsOf(await verify())).toEqual([
    expect.objectContaining({ check: 'settlement', what: 'a call that its evidence charges is not charged' }),
  ])
  await running.close()
})

test('a ledger that is not there ends with 3', async () => {
  const { code, stderr } = await runProgram(['verify'], { CLICKHOUSE_URL: 'http://127.0.0.1:1' })
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/^E_UNREACHABLE/) })
})
