/** What was refused is posted after the fix, once; what still cannot be posted is told with its reason. */
import { tempDir, type TempDir } from '@outlay/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openWal } from '../../packages/collector/src/wal/index.ts'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { targetsThatDiffer } from '../harness/conservation.ts'
import { withAttributes } from '../harness/explained-calls.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { writerOf } from '../harness/run-outlay.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** Other suites run beside. */
vi.setConfig({ testTimeout: 180_000 })

let ledger: TestLedger
let database: string
let directory: TempDir
let log: string

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  directory = tempDir()
  log = `${directory.path}/wal`
})
afterAll(async () => {
  await ledger.close()
  directory.remove()
})

const change = (query: string): Promise<unknown> =>
  ledger.client.command({ query, clickhouse_settings: { mutations_sync: '2', async_insert: 0 } })

const countOf = async (table: string): Promise<number> => {
  const result = await ledger.client.query({
    query: `SELECT count() AS n FROM ${database}.${table}`,
    format: 'JSONEachRow',
  })
  return Number((await result.json<{ n: string }>())[0]?.n)
}

const replay = async (...args: string[]) => {
  const { code, stdout, stderr } = await runProgram(
    ['replay', '--log', log, '--database', database, '--json', ...args],
    writerOf(ledger),
  )
  expect(stderr).toBe('')
  const answer = JSON.parse(stdout) as object
  expectDocumentedShape('replay', answer)
  return { code, ...answer }
}

const quarantined = ({ events }: TestCollector): string[] =>
  events.flatMap((event) =>
    event.type === 'row_quarantined'
      ? [event.table]
      : event.type === 'record_quarantined'
        ? [`record ${event.lsn}`]
        : [],
  )

const send = async ({ collector }: TestCollector, span: ReturnType<typeof ownCall>): Promise<void> => {
  expect(await sendRequest(collector.url, otlpRequest([span]))).toBe(true)
  await collector.settled()
}

test('rows that the database refused, and a record that cannot be read', async () => {
  const wal = await openWal({ directory: log })
  const meta = { authority: 'local', rulesetId: '1', transport: 'http' }
  // Ends inside its first field: no release of the decoder will make anything of it.
  await wal.append({ body: Buffer.from([0x0a, 0x7f, 0x01]), spanCount: 1, meta })
  await wal.close()
  await change(`ALTER TABLE ${database}.spans MODIFY COLUMN name UInt8`)
  const collector = await startTestCollector(ledger, database, { directory })
  await send(collector, ownCall(1, 1))
  await change(`ALTER TABLE ${database}.spans MODIFY COLUMN name LowCardinality(String)`)
  await change(`ALTER TABLE ${database}.calls MODIFY COLUMN leaf UInt8`)
  await send(collector, withAttributes(ownCall(2, 2), { 'outlay.leaf.id': 'leaf-2' }))
  expect(quarantined(collector)).toEqual(expect.arrayContaining(['record 1', 'spans', 'calls']))
  expect({ spans: await countOf('spans'), calls: await countOf('calls') }).toEqual({ spans: 1, calls: 0 })

  await change(`ALTER TABLE ${database}.calls MODIFY COLUMN leaf String`)
  expect(await replay('--files')).toMatchObject({
    code: 1,
    files: {
      posted: 2,
      posted_before: 0,
      spans: 1,
      entries: 2,
      refused: [
        { file: expect.stringMatching(/-record-1$/), why: expect.stringMatching(/^it still cannot be read: /) },
      ],
    },
  })
  expect(await replay('--files')).toMatchObject({
    code: 1,
    files: { posted: 0, posted_before: 2, spans: 0, entries: 0 },
  })
  await collector.collector.settled()
  expect({ spans: await countOf('spans'), calls: await countOf('calls') }).toEqual({ spans: 2, calls: 2 })
  expect(await targetsThatDiffer(ledger, database)).toEqual([])
  await collector.close()
})

test('calls in the quarantine, by the requirements of today; run again it posts nothing', async () => {
  const strict = await startTestCollector(ledger, database, {
    directory,
    require: ['tenant', 'feature', 'workload', 'task'],
  })
  const withoutTask = { ...ownCall(3, 3).attributes }
  delete withoutTask['outlay.task.id']
  await send(strict, { ...ownCall(3, 3), attributes: withoutTask })
  await send(strict, {
    trace: 4,
    span: 4,
    scope: 'x',
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 7 },
  })
  const refused = { 'missing_attribution: task': 1, 'missing_attribution: tenant, feature, workload, task': 1 }
  expect(await replay('--quarantine')).toMatchObject({
    code: 1,
    quarantine: { traces: 2, released: 0, still_refused: refused },
  })
  await strict.close()

  // Proof asks what the collector asked: with less, the refusal of the first would be wrong.
  const settlement = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await runProgram(
      ['verify', '--idle', '--database', database, '--json', ...args],
      writerOf(ledger),
    )
    const { checks } = JSON.parse(stdout) as { checks: { check: string; found: number }[] }
    return checks.find(({ check }) => check === 'settlement')?.found
  }
  expect(await settlement('--set', 'processors.attribution.require=[tenant, feature, workload, task]')).toBe(0)
  expect(await settlement()).toBeGreaterThan(0)

  const now = { 'missing_attribution: tenant, feature, workload': 1 }
  const before = await countOf('calls')
  expect(await replay('--quarantine')).toMatchObject({
    code: 1,
    quarantine: { traces: 2, released: 1, charged: 1, still_refused: now },
  })
  expect(await countOf('calls')).toBe(before + 1)
  const entries = await countOf('quarantine')
  expect(await replay()).toMatchObject({ quarantine: { traces: 1, released: 0, charged: 0, still_refused: now } })
  expect({ calls: await countOf('calls'), quarantine: await countOf('quarantine') }).toEqual({
    calls: before + 1,
    quarantine: entries,
  })
  expect(await targetsThatDiffer(ledger, database)).toEqual([])
})

test('tells people what was posted and what stays refused', async () => {
  const { stdout } = await runProgram(['replay', '--log', log, '--database', database], writerOf(ledger))
  expect(stdout).toMatch(/^Files: 0 posted \(0 spans, 0 entries\), 2 posted before, 1 still refused/)
  expect(stdout).toMatch(/1 still refused: missing_attribution: tenant, feature, workload\n$/)
})
