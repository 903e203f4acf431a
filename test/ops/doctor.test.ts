/** What a ledger rests on is broken piece by piece, and `outlay doctor` names each piece with what to do. */
import { chmod, symlink, writeFile } from 'node:fs/promises'
import { GEN_AI } from '@outlay/semconv'
import { tempDir, type TempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { type MadeUpSpan, otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, readerOf } from '../harness/run-outlay.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** Other suites run beside. */
vi.setConfig({ testTimeout: 180_000 })

interface Line {
  readonly area: string
  readonly what: string
  readonly status: string
  readonly said: string
  readonly fix: string
}
interface Diagnosis {
  readonly configuration: readonly { readonly name: string; readonly value: string; readonly origin: string }[]
  readonly lines: readonly Line[]
  readonly problems: number
}

let ledger: TestLedger
let database: string
let directory: TempDir
let running: TestCollector

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  directory = tempDir()
  running = await startTestCollector(ledger, database, { directory, admin: { host: '127.0.0.1', port: 0 } })
  expect.assert(await sendRequest(running.collector.url, otlpRequest([ownCall(1, 1)])))
  await running.collector.settled()
})
afterAll(async () => {
  await running.close()
  await ledger.close()
  directory.remove()
})

const portOf = (url: string | undefined): string => new URL(url ?? '').port

const argumentsOf = (): string[] => [
  'doctor',
  '--database',
  database,
  '--data-dir',
  directory.path,
  '--otlp-port',
  portOf(running.collector.url),
  '--admin-port',
  portOf(running.collector.adminUrl),
]

const diagnose = async (environment = readerOf(ledger)): Promise<Diagnosis> => {
  const { code, stdout, stderr } = await runProgram([...argumentsOf(), '--json'], environment)
  expect(stderr).toBe('')
  const diagnosis = JSON.parse(stdout) as Diagnosis
  expectDocumentedShape('doctor', diagnosis)
  expect(code).toBe(diagnosis.problems === 0 ? 0 : 1)
  return diagnosis
}

const unwell = async (environment = readerOf(ledger)): Promise<readonly Line[]> => {
  const { lines } = await diagnose(environment)
  // The disk is the machine's, and the test collector has no gRPC.
  return lines.filter(({ status, what }) => status !== 'ok' && what !== 'disk' && what !== 'OTLP/gRPC')
}

const change = (query: string): Promise<unknown> =>
  ledger.client.command({ query, clickhouse_settings: { mutations_sync: '2', async_insert: 0 } })

test('a ledger that runs is well, and its configuration tells its origins', async () => {
  expect(await unwell()).toEqual([])
  const { configuration, lines } = await diagnose({ ...readerOf(ledger), CLICKHOUSE_PASSWORD: '' })
  expect(configuration).toEqual(
    expect.arrayContaining([
      { name: 'CLICKHOUSE_URL', value: ledger.engine.url, origin: 'environment' },
      { name: 'CLICKHOUSE_PASSWORD', value: '(none)', origin: 'environment' },
      { name: 'exporters.clickhouse.database', value: database, origin: '--database' },
      { name: 'extensions.wal.max_size', value: '8GiB', origin: 'default' },
    ]),
  )
  const said = Object.fromEntries(lines.map(({ area, what, said: text }) => [`${area} ${what}`, text]))
  expect(said).toMatchObject({
    'versions node': process.versions.node,
    'versions engine': expect.stringMatching(/^26\./),
    'database schema': `${database} is current`,
    'database deduplication': '14 tables have their windows',
    'log identity': expect.stringMatching(new RegExp(`^log [0-9a-f]{32}, owned by process ${process.pid}$`)),
    'log evidence': '0 records are not in the database yet',
    'log size': expect.stringMatching(/^0\.0 MiB of 8192\.0 MiB in 1 segment/),
  })
  const { stdout } = await runProgram(argumentsOf(), readerOf(ledger))
  expect(stdout).toMatch(/exporters\.clickhouse\.database +outlay_\w+ {2}\(--database\)/)
  expect(stdout).toMatch(/ok +collector: health +healthy at http/)
})

test('the file of the collector says where to look, and each value its line; secrets are masked', async () => {
  const file = `${directory.path}/collector.yaml`
  const text = `extensions: { wal: { directory: ${directory.path}/wal } }
receivers: { otlp: { protocols: { http: { endpoint: "0.0.0.0:${portOf(running.collector.url)}" } } } }
exporters: { clickhouse: { database: ${database}, password: hidden } }
service: { telemetry: { metrics: { endpoint: "127.0.0.1:${portOf(running.collector.adminUrl)}" } } }
`
  await writeFile(file, text)
  const arguments_ = ['doctor', '--config', file, '--data-dir', '/nowhere', '--json']
  const { stdout } = await runProgram(arguments_, readerOf(ledger))
  const { configuration, lines } = JSON.parse(stdout) as Diagnosis
  expect(configuration).toContainEqual({ name: 'exporters.clickhouse.database', value: database, origin: `${file}:3` })
  expect(stdout).not.toContain('hidden')
  for (const what of ['identity', 'OTLP/HTTP', 'health'])
    expect(lines).toContainEqual(expect.objectContaining({ what, status: 'ok' }))

  const refused = await runProgram(['doctor', '--set', 'extensions.wal.max_sise=1GiB'], readerOf(ledger))
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "max_size"?') as string })
})

test('the embedded engine of a data directory is found by itself', async () => {
  await using elsewhere = tempDir()
  await symlink(ledger.dataDirectory, `${elsewhere.path}/engine`)
  const { stdout } = await runProgram(['doctor', '--data-dir', elsewhere.path, '--database', database, '--json'], {})
  const { configuration, lines } = JSON.parse(stdout) as Diagnosis
  expect(configuration[0]).toEqual({ name: 'CLICKHOUSE_URL', value: ledger.engine.url, origin: 'engine' })
  expect(lines).toContainEqual(expect.objectContaining({ what: 'schema', status: 'ok' }))
})

describe('names with what to do', () => {
  test('a table without a window, one with a small one, and inserts that are not fsynced', async () => {
    await change(`ALTER TABLE ${database}.user_counters MODIFY SETTING non_replicated_deduplication_window = 0`)
    await change(`ALTER TABLE ${database}.task_counters MODIFY SETTING non_replicated_deduplication_window = 500`)
    await change(`ALTER TABLE ${database}.calls MODIFY SETTING fsync_after_insert = 0`)
    expect(await unwell()).toMatchObject([
      { status: 'warning', said: 'task_counters remembers 500 inserts' },
      {
        status: 'problem',
        said: expect.stringMatching(/^user_counters has no window/),
        fix: expect.stringMatching(/^ALTER TABLE/),
      },
      { status: 'warning', what: 'durability', said: 'inserts are not fsynced: calls' },
    ])
    await change(`ALTER TABLE ${database}.user_counters MODIFY SETTING non_replicated_deduplication_window = 10000`)
    await change(`ALTER TABLE ${database}.task_counters MODIFY SETTING non_replicated_deduplication_window = 10000`)
    await change(`ALTER TABLE ${database}.calls MODIFY SETTING fsync_after_insert = 1`)
  })

  test('a schema that is older, and one that is newer', async () => {
    const kept = `SELECT * FROM ${database}.schema_migrations WHERE name = '0089-open-entries'`
    await change(`CREATE TABLE ${database}.kept ENGINE = MergeTree ORDER BY name AS ${kept}`)
    await change(`DELETE FROM ${database}.schema_migrations WHERE name = '0089-open-entries'`)
    await change(`INSERT INTO ${database}.schema_migrations (name, checksum) VALUES ('9999-later', 'x')`)
    expect(await unwell()).toMatchObject([
      {
        status: 'problem',
        what: 'schema',
        said: 'not applied: 0089-open-entries',
        fix: expect.stringContaining('outlay migrate'),
      },
      { status: 'warning', what: 'schema', said: 'from a newer version: 9999-later' },
    ])
    await change(`INSERT INTO ${database}.schema_migrations SELECT * FROM ${database}.kept`)
    await change(`DELETE FROM ${database}.schema_migrations WHERE name = '9999-later'`)
    await change(`DROP TABLE ${database}.kept SYNC`)
  })

  test('files that others may read, and what lies in quarantine', async () => {
    const { walDirectory } = running
    await chmod(`${walDirectory}/META`, 0o644)
    const reason = { code: '6', table: 'spans', token: 'x:1:5-6:spans', rows: 2 }
    await writeFile(`${walDirectory}/quarantine/unit.reason.json`, JSON.stringify(reason), { mode: 0o600 })
    await writeFile(`${walDirectory}/quarantine/seg.reason.json`, '{"reason":"segment_corrupt"}', { mode: 0o600 })
    expect(await unwell()).toMatchObject([
      {
        what: 'quarantine',
        said: '1 block(s) or record(s) were refused',
        fix: expect.stringContaining('outlay replay'),
      },
      { what: 'damage', said: 'kept as evidence: seg' },
      {
        status: 'problem',
        what: 'permissions',
        said: expect.stringMatching(/META \(0644\)$/),
        fix: expect.stringMatching(/^chmod/),
      },
    ])
    await chmod(`${walDirectory}/META`, 0o600)
  })

  test('a sender whose clock is ahead', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString()
    expect(await sendRequest(running.collector.url, otlpRequest([{ ...ownCall(2, 2), at }]))).toBe(true)
    await running.collector.settled()
    expect(await unwell()).toContainEqual(
      expect.objectContaining({
        area: 'clocks',
        what: 'sender made-up',
        said: expect.stringMatching(/^of 2 spans of the last day 1 start up to 3[56]\d\d s after they were received$/),
      }),
    )
  })

  test('a response that two tracers report, each in a trace of its own', async () => {
    const traced = (trace: number, response: string): MadeUpSpan => {
      const call = ownCall(trace, trace)
      return { ...call, attributes: { ...call.attributes, [GEN_AI.RESPONSE_ID]: response } }
    }
    const twice = [traced(3, 'resp_1'), traced(4, 'resp_1'), traced(5, 'resp_1'), traced(6, 'resp_2')]
    expect(await sendRequest(running.collector.url, otlpRequest(twice))).toBe(true)
    await running.collector.settled()
    expect(await unwell()).toContainEqual(
      expect.objectContaining({
        area: 'ledger',
        status: 'warning',
        said: '1 of the last day have 2 charges too many: service made-up, scope @outlay/instrumentation',
        fix: expect.stringContaining('outlay reconcile'),
      }),
    )
  })

  test('a database that does not answer, and one without a ledger', async () => {
    expect(await unwell(NO_LEDGER)).toContainEqual(
      expect.objectContaining({ status: 'problem', what: 'connection', fix: expect.stringContaining('outlay up') }),
    )
    const { code, stdout } = await runProgram(['doctor', '--database', 'outlay_none', '--json'], readerOf(ledger))
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as Diagnosis).lines).toContainEqual(
      expect.objectContaining({ status: 'problem', what: 'schema', said: 'outlay_none has no Outlay schema' }),
    )
  })

  test('a collector that does not run, with what waits in its log', async () => {
    await running.close()
    const stopped = await unwell()
    expect(stopped).toContainEqual(
      expect.objectContaining({ what: 'process', fix: expect.stringContaining('outlay up') }),
    )
    running = await startTestCollector(ledger, database, { directory, admin: { host: '127.0.0.1', port: 0 } })
  })
})
