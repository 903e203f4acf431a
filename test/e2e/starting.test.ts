import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect, migrate, readMigrations, readViews } from '@outlay/clickhouse'
import { type CollectorEvent, collectorSettingsOf, parseCollectorConfig, startCollector } from '@outlay/collector'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { issue } from '../../packages/collector/test/tls/certificates.ts'
import { openDatabaseGate } from '../harness/database-gate.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { QUICK } from '../harness/quick-settlement.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase()
})
afterAll(() => ledger.close())

const settings = (walDirectory: string, port: number) => ({
  client: ledger.client,
  database,
  walDirectory,
  book: ledger.book,
  http: { host: '127.0.0.1', port },
})

describe('starting a collector', () => {
  test('on a taken port says so, and leaves the log free for the next start', async () => {
    using directory = tempDir()
    const first = await startCollector(settings(`${directory.path}/first`, 0))
    const port = Number(new URL(first.url).port)
    await expect(startCollector(settings(`${directory.path}/second`, port))).rejects.toMatchObject({
      code: 'E_PORT_IN_USE',
      message: expect.stringContaining('another process listens there'),
    })
    const second = await startCollector(settings(`${directory.path}/second`, 0))
    await second.close()
    await first.close()
  })

  test('on a taken gRPC port names the option for it, and leaves the log and the other port free', async () => {
    using directory = tempDir()
    const grpc = { host: '127.0.0.1', port: 0 }
    const first = await startCollector({ ...settings(`${directory.path}/first`, 0), grpc })
    const taken = { ...grpc, port: Number(new URL(first.grpcUrl ?? '').port) }
    const started = startCollector({ ...settings(`${directory.path}/second`, 0), grpc: taken })
    await expect(started).rejects.toMatchObject({
      code: 'E_PORT_IN_USE',
      message: expect.stringMatching(/OTLP\/gRPC .*another process listens there.*--otlp-grpc-port/),
    })
    const second = await startCollector({ ...settings(`${directory.path}/second`, 0), grpc })
    await second.close()
    await first.close()
  })

  test('on a log that another collector owns is refused', async () => {
    using directory = tempDir()
    const first = await startCollector(settings(`${directory.path}/wal`, 0))
    await expect(startCollector(settings(`${directory.path}/wal`, 0))).rejects.toMatchObject({ code: 'E_WAL_LOCKED' })
    await first.close()
  })

  test('answers probes and metrics on a port of its own', async () => {
    using directory = tempDir()
    const collector = await startCollector({
      ...settings(`${directory.path}/wal`, 0),
      admin: { host: '127.0.0.1', port: 0 },
    })
    const get = async (path: string): Promise<[number, string]> => {
      const response = await fetch(`${collector.adminUrl}${path}`)
      return [response.status, await response.text()]
    }
    expect(await get('/healthz')).toEqual([200, expect.stringContaining('"status":"ok"')])
    expect(await get('/readyz')).toEqual([200, expect.stringContaining('"ready":true')])
    expect(await get('/metrics')).toEqual([200, expect.stringContaining('outlay_ledger_open_traces 0')])
    expect((await get('/nothing'))[0]).toBe(404)
    await collector.close()
  })

  test('as a configuration says: encrypted, for senders with a token, read again on demand', async () => {
    using directory = tempDir()
    const file = (name: string, text: string): string => {
      writeFileSync(`${directory.path}/${name}`, text)
      return `${directory.path}/${name}`
    }
    const made = () => issue('localhost', { altNames: ['DNS:localhost', 'IP:127.0.0.1'] })
    const [first, second] = [made(), made()]
    const text = [
      `extensions: { tokens: { file: ${file('tokens.yaml', 'tokens: []')} } }`,
      'receivers: { otlp: { protocols: {',
      `  http: { endpoint: "127.0.0.1:0", tls: { cert_file: ${file('c', first.cert)}, key_file: ${file('k', first.key)} } },`,
      '  grpc: { endpoint: "127.0.0.1:0" } } } }',
      `exporters: { clickhouse: { database: ${database} } }`,
    ].join('\n')
    const sources = { files: [{ name: 'collector.yaml', text }], assignments: [], overrides: [], environment: {} }
    const { values } = parseCollectorConfig(sources)
    const events: CollectorEvent[] = []
    const collector = await startCollector({
      ...collectorSettingsOf(values, { cwd: directory.path, walDirectory: `${directory.path}/wal` }),
      client: ledger.client,
      book: ledger.book,
      onEvent: (event) => events.push(event),
    })
    expect([collector.url, collector.grpcUrl]).toEqual([
      expect.stringMatching(/^https:/),
      expect.stringMatching(/^http:/),
    ])
    const answer = await new Promise<number | undefined>((resolve) => {
      const options = { method: 'POST', ca: first.cert, agent: false, headers: { 'content-type': 'application/json' } }
      const outgoing = request(`${collector.url}/v1/traces`, options, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      outgoing.end(JSON.stringify(otlpRequest([ownCall(1, 1)])))
    })
    expect(answer).toBe(401)
    file('c', second.cert)
    file('k', second.key)
    file('tokens.yaml', 'tokens: 1')
    await collector.reload()
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['tls_reloaded', 'tokens_refused']))
    const counted = await collector.metrics()
    expect(counted).toContain('outlay_refused_total{reason="auth"} 1')
    expect(counted).toContain('outlay_reloads_total{what="tokens",result="refused"} 1')
    await collector.close()
  })

  test('while the database is away takes spans, says so, and settles them when it is back', async () => {
    using directory = tempDir()
    const gate = await openDatabaseGate(ledger.engine.url, 'closed')
    const client = connect({ url: gate.url, ...ledger.engine.credentials.migrator, database: 'default' })
    const events: CollectorEvent[] = []
    const collector = await startCollector({
      ...settings(`${directory.path}/wal`, 0),
      ...QUICK,
      client,
      onEvent: (event) => events.push(event),
    })
    expect(await sendRequest(collector.url, otlpRequest([ownCall(900, 900)]))).toBe(true)
    await vi.waitUntil(() => events.some(({ type }) => type === 'database_unreachable'), { timeout: 10_000 })
    gate.mode = 'open'
    await collector.settled()
    const result = await ledger.client.query({
      query: `SELECT sum(sign) AS net FROM ${database}.calls WHERE task = 'task-900'`,
      format: 'JSONEachRow',
    })
    expect(await result.json()).toEqual([{ net: '1' }])
    await collector.close()
    await client.close()
    await gate.close()
  })
})

describe('a schema change that died before it was written down', () => {
  test('is applied once more and leaves the same schema', async () => {
    const schema = async () => {
      const result = await ledger.client.query({
        query: `SELECT table, name, type, default_expression, comment FROM system.columns
          WHERE database = {database:String} AND table != 'schema_migrations' ORDER BY table, position`,
        query_params: { database },
        format: 'JSONEachRow',
      })
      return result.json()
    }
    const before = await schema()
    await ledger.client.command({ query: `TRUNCATE TABLE ${database}.schema_migrations` })
    const { applied } = await migrate(ledger.client, { database })
    expect(applied).toHaveLength(readMigrations().length + readViews().length)
    expect(await schema()).toEqual(before)
    expect(await migrate(ledger.client, { database })).toEqual({ applied: [], unsummedShards: [] })
  })
})
