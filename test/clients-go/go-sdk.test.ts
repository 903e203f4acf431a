/** An app with the OpenTelemetry SDK for Go, over each of its exporters. */
import { appendFileSync } from 'node:fs'
import { createToken } from '@outlay/collector'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { isGoMissing, skipWithoutGo } from './built-programs.ts'
import { expectConserved } from './expect-conserved.ts'
import { goCalls, sumsOfGoCalls } from './go-calls.ts'
import { type GoAttribute, runSdkSender, type SdkTask } from './sdk-sender.ts'

const TRANSPORTS = ['http', 'grpc'] as const
type Transport = (typeof TRANSPORTS)[number]
const WAYS = TRANSPORTS.flatMap((transport) => [false, true].map((gzip) => ({ transport, gzip })))

let ledger: TestLedger

beforeAll(async () => {
  if (!isGoMissing()) ledger = await startTestLedger()
})
afterAll(async () => {
  if (!isGoMissing()) await ledger.close()
})
beforeEach(skipWithoutGo)

interface Started extends TestCollector {
  readonly database: string
  readonly send: (transport: Transport, task: Omit<SdkTask, 'transport' | 'url'>) => ReturnType<typeof runSdkSender>
}

const start = async (settings: Parameters<typeof startTestCollector>[2] = {}): Promise<Started> => {
  const database = await ledger.createDatabase(['openai'])
  const started = await startTestCollector(ledger, database, { grpc: { host: '127.0.0.1', port: 0 }, ...settings })
  onTestFinished(() => started.close())
  const { url, grpcUrl = '' } = started.collector
  const send: Started['send'] = (transport, task) =>
    runSdkSender({ transport, url: transport === 'http' ? url : grpcUrl, ...task })
  return { ...started, database, send }
}

/** A tokens file with one token of a tenant that may make one request per second. */
const tokensWithQuota = async (): Promise<{ readonly file: string; readonly token: string }> => {
  const directory = tempDir()
  onTestFinished(() => directory.remove())
  const file = `${directory.path}/tokens.yaml`
  const { token } = await createToken(file, { binding: { kind: 'tenant', tenant: 'acme' }, scopes: ['ingest'] })
  appendFileSync(file, '\ntenant_quotas: [{ tenant: acme, quota: { requests_per_second: 1 } }]\n')
  return { file, token }
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

describe.each(WAYS)('over $transport, gzip $gzip', ({ transport, gzip }) => {
  test('many exports are stored and charged once, and the values of the app come back equal', async () => {
    const { send, database } = await start()
    // Lists under names of the app's own may be content: they are sent, and left out.
    const odd: readonly GoAttribute[] = [
      { key: 'app.above', int: '9007199254740993' },
      { key: 'app.below', int: '-9007199254740993' },
      { key: 'app.odd', int: '9007199254740991' },
      { key: 'app.least', int: '-9223372036854775808' },
      { key: 'app.most', int: '9223372036854775807' },
      { key: 'app.half', double: 0.1 },
      { key: 'app.tiny', double: 5e-324 },
      { key: 'app.yes', bool: true },
      { key: 'app.no', bool: false },
      { key: 'app.script', string: 'שלום 👩‍👩‍👧‍👦 e\u0301' },
      { key: 'gen_ai.response.finish_reasons', strings: ['stop', 'length'] },
      { key: 'app.ints', ints: [1, -2] },
      { key: 'app.doubles', doubles: [0.5, 2.5] },
      { key: 'app.bools', bools: [true, false] },
    ]
    const { sent, errors } = await send(transport, {
      gzip,
      resource: [
        { key: 'service.name', string: 'סוכן 🤖' },
        { key: 'app.shard', int: '9007199254740993' },
      ],
      batchSize: 16,
      spans: goCalls(100).map((call, index) => (index === 0 ? [...call, ...odd] : call)),
    })
    expect(errors).toEqual([])
    await expectConserved(ledger, database, sent, sumsOfGoCalls(100))
    const query = `SELECT lower(hex(trace_id)) AS trace, toString(start_unix_nano) AS start, toString(end_unix_nano) AS end,
      kind, scope_name, scope_version, resource['service.name'] AS service, resource['app.shard'] AS shard,
      mapApply((k, v) -> (k, toString(v)), mapFilter((k, v) -> k LIKE 'app.%', attributes_int)) AS ints,
      mapFilter((k, v) -> k LIKE 'app.%', attributes_double) AS doubles,
      mapFilter((k, v) -> k LIKE 'app.%', attributes_bool) AS bools,
      attributes_string['app.script'] AS script,
      attributes_string['gen_ai.response.finish_reasons'] AS reasons,
      mapFilter((k, v) -> k IN ('app.ints', 'app.doubles', 'app.bools'), attributes_string) AS lists
      FROM ${database}.spans WHERE mapContains(attributes_int, 'app.above')`
    const [span] = sent
    expect(await (await ledger.reader.query({ query, format: 'JSONEachRow' })).json()).toEqual([
      {
        trace: span?.traceId,
        start: span?.startUnixNano,
        end: span?.endUnixNano,
        kind: 3,
        scope_name: 'go-app',
        scope_version: '1.2.3',
        service: 'סוכן 🤖',
        shard: '9007199254740993',
        ints: {
          'app.above': '9007199254740993',
          'app.below': '-9007199254740993',
          'app.odd': '9007199254740991',
          'app.least': '-9223372036854775808',
          'app.most': '9223372036854775807',
        },
        doubles: { 'app.half': 0.1, 'app.tiny': 5e-324 },
        bools: { 'app.yes': 1, 'app.no': 0 },
        script: 'שלום 👩‍👩‍👧‍👦 e\u0301',
        reasons: '["stop","length"]',
        lists: {},
      },
    ])
  })
})

describe.each(TRANSPORTS)('over %s', (transport) => {
  test('a wrong token is told to the app, and nothing is stored', async () => {
    const { file, token } = await tokensWithQuota()
    const { send, database, collector } = await start({ tokens: { file } })
    const refused = await send(transport, { headers: bearer(`${token.slice(0, -1)}!`), spans: goCalls(2) })
    expect(refused.errors.join('\n')).toMatch(transport === 'http' ? /401 Unauthorized/ : /code = Unauthenticated/)
    expect(refused.errors.join('\n')).not.toContain(token.slice(0, -1))
    // The one that is right is let in beside it: what was refused was the token.
    const { sent, errors } = await send(transport, { headers: bearer(token), spans: goCalls(1) })
    expect(errors).toEqual([])
    await collector.settled()
    await expectConserved(ledger, database, sent, sumsOfGoCalls(1))
  })

  test('exports beyond the quota wait as long as they are told and are then delivered once', async () => {
    const { file, token } = await tokensWithQuota()
    const { send, database, collector } = await start({ tokens: { file } })
    const { sent, errors } = await send(transport, { headers: bearer(token), batchSize: 3, spans: goCalls(6) })
    expect(errors).toEqual([])
    await expectConserved(ledger, database, sent, sumsOfGoCalls(6))
    const refused = /^outlay_.*reason="quota".* (\d+)$/m.exec(await collector.metrics())?.[1]
    expect(Number(refused)).toBeGreaterThan(0)
  })
})
