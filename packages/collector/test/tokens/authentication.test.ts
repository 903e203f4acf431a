import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { Metadata } from '@grpc/grpc-js'
import { describe, expect, test } from 'vitest'
import { revokeToken } from '#src/tokens/index.ts'
import { PROTOBUF, statusOf } from '../otlp/answers.ts'
import { exportedSpans } from '../otlp/exported-spans.ts'
import { sendGrpc } from '../otlp/grpc-client.ts'
import { sendProtobuf, sendRaw } from '../otlp/http-client.ts'
import { startReceiver } from '../otlp/receiver-fixture.ts'
import { encodeRequest, spanOf } from '../otlp/requests.ts'
import { readAll } from '../wal/wal-fixture.ts'
import { idOf, secretOf, tokensFile, watchTokens } from './token-fixture.ts'

const request = encodeRequest([spanOf()])
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const [PAST, FUTURE] = [Date.parse('2020-01-01'), Date.parse('2090-01-01')]

describe('S1: a token', () => {
  test('that is missing, malformed, unknown, wrong, expired or revoked is 401, one without scope 403, over gRPC alike', async () => {
    const file = tokensFile()
    const valid = await file.add({ expiresAtMs: FUTURE })
    const expired = await file.add({ expiresAtMs: PAST })
    const revoked = await file.add({})
    await revokeToken(file.file, idOf(revoked), PAST)
    const reader = await file.add({ scopes: ['read', 'admin'] })
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const grpcPort = await receiver.listenGrpc()
    const wrongSecret = `ok_${idOf(valid)}_${'A'.repeat(43)}`
    const cases: [Record<string, string>, http: number, grpc: number][] = [
      [{}, 401, 16],
      [{ authorization: valid }, 401, 16],
      [bearer('nonsense'), 401, 16],
      [bearer(`ok_ffffffffffffffff_${secretOf(valid)}`), 401, 16],
      [bearer(wrongSecret), 401, 16],
      [bearer(`${valid}x`), 401, 16],
      [bearer(expired), 401, 16],
      [bearer(revoked), 401, 16],
      [bearer(reader), 403, 7],
      [bearer(valid), 200, 0],
    ]
    for (const [headers, http, grpc] of cases) {
      const answer = await sendProtobuf(receiver.port, request, headers)
      expect([answer.code, http === 200 ? 0 : statusOf(answer.body)['code']]).toEqual([http, grpc])
      expect((await sendGrpc(grpcPort, request, { headers })).code).toBe(grpc)
    }
    expect(receiver.counted.get('refused auth')).toBe(18)
    expect(receiver.counted.get('request grpc 16')).toBe(8)
    expect(receiver.wal.durableLsn).toBe(1n)
  })

  test('is checked before a byte of the body is read, announced or not', async () => {
    const file = tokensFile()
    await file.add({})
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit, inFlightBytesMax: 0 })
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\nexpect: 100-continue\r\ncontent-length: 900\r\nconnection: close\r\n\r\n`
    expect(await sendRaw(receiver.port, head)).toMatch(/^HTTP\/1\.1 401 /)
    // Too large for the receiver, but nobody looks.
    const grpc = await sendGrpc(await receiver.listenGrpc(), Buffer.alloc(65 * 1024 * 1024))
    expect(grpc.code).toBe(16)
  })

  test('is taken as Bearer, as the password of Basic, and from a header of its own, over both transports', async () => {
    const file = tokensFile()
    const token = await file.add({})
    const basic = { authorization: `Basic ${Buffer.from(`anybody:${token}`).toString('base64')}` }
    await using tokens = await watchTokens(file, 'x-outlay-token')
    await using receiver = await startReceiver({ admit: tokens.admit })
    const grpcPort = await receiver.listenGrpc()
    const own = { 'x-outlay-token': token, authorization: 'Bearer of-a-proxy' }
    for (const headers of [bearer(token), { authorization: `bearer ${token}` }, basic, own]) {
      expect((await sendProtobuf(receiver.port, request, headers)).code).toBe(200)
      expect((await sendGrpc(grpcPort, request, { headers })).code).toBe(0)
    }
  })

  test('goes with the headers of the exporters of the SDK', async () => {
    const file = tokensFile()
    const token = await file.add({})
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const metadata = new Metadata()
    metadata.set('authorization', `Bearer ${token}`)
    const url = `http://127.0.0.1:${receiver.port}/v1/traces`
    const grpcUrl = `http://127.0.0.1:${await receiver.listenGrpc()}`
    const codeOf = async (exporter: HttpExporter | GrpcExporter): Promise<number> => {
      const result = await new Promise<{ code: number }>((resolve) => exporter.export(exportedSpans(), resolve))
      await exporter.shutdown()
      return result.code
    }
    expect(await codeOf(new HttpExporter({ url, headers: bearer(token) }))).toBe(0)
    expect(await codeOf(new GrpcExporter({ url: grpcUrl, metadata }))).toBe(0)
    expect(await codeOf(new HttpExporter({ url }))).toBe(1)
    const senders = (await readAll(receiver.wal)).map(({ meta }) => [meta.authority, meta.tenant, meta.tokenId])
    expect(senders).toEqual(Array.from({ length: 2 }, () => ['acme', 'acme', idOf(token)]))
  })

  test('leaves no trace of its secret in answers, log or events', async () => {
    const file = tokensFile()
    const token = await file.add({})
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const grpcPort = await receiver.listenGrpc()
    const said: string[] = []
    for (const headers of [bearer(token), bearer(`${token}x`), { authorization: token }]) {
      const answer = await sendProtobuf(receiver.port, request, headers)
      said.push(answer.body.toString('latin1'), JSON.stringify(answer.headers))
      said.push((await sendGrpc(grpcPort, request, { headers })).details)
    }
    writeFileSync(file.file, `tokens: [{ id: ${token} }]`)
    said.push(String(((await tokens.nextEvent()) as { error?: unknown }).error))
    for (const name of readdirSync(receiver.directory, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.seg')) said.push(readFileSync(`${receiver.directory}/${name}`, 'latin1'))
    }
    const secret = secretOf(token)
    expect(said.filter((text) => text.includes(secret.slice(0, 8)))).toEqual([])
  })
})

describe('S1: while the collector runs', () => {
  test('a token is revoked, and old and new ones overlap, within one reading of the file', async () => {
    const file = tokensFile()
    const old = await file.add({})
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const codeOf = async (token: string) => (await sendProtobuf(receiver.port, request, bearer(token))).code
    const next = await file.add({})
    expect(await tokens.nextEvent()).toEqual({ type: 'tokens_reloaded', tokens: 2 })
    expect([await codeOf(old), await codeOf(next)]).toEqual([200, 200])
    await revokeToken(file.file, idOf(old), PAST)
    await tokens.nextEvent()
    expect([await codeOf(old), await codeOf(next)]).toEqual([401, 200])
  })

  test('a file that became wrong leaves the tokens as they were and says so once, until it is right again', async () => {
    const file = tokensFile()
    const token = await file.add({})
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const right = readFileSync(file.file)
    file.write('tokens: [1]')
    expect(await tokens.nextEvent()).toMatchObject({ type: 'tokens_refused', error: { code: 'E_TOKENS_FILE' } })
    await tokens.store.reload()
    expect((await sendProtobuf(receiver.port, request, bearer(token))).code).toBe(200)
    file.write(right)
    expect(await tokens.nextEvent()).toEqual({ type: 'tokens_reloaded', tokens: 1 })
    expect(tokens.events).toHaveLength(2)
  })

  test('a start with a wrong file, or none, is refused', async () => {
    const file = tokensFile()
    using _ = file.directory
    await expect(watchTokens(file)).rejects.toMatchObject({ code: 'E_TOKENS_FILE' })
    writeFileSync(file.file, 'tokens: 1')
    await expect(watchTokens(file)).rejects.toThrow('a list of tokens')
  })
})

describe('L5: the quota of one token', () => {
  const limited = (quota: string, file: string): void =>
    writeFileSync(file, readFileSync(file, 'utf8').replace('tenant: acme\n', `tenant: acme\n    quota: { ${quota} }\n`))

  test.each([
    ['requests_per_second: 0.5', 1],
    ['bytes_per_second: 10B', 7],
    ['spans_per_second: 0.25', 1],
  ])('%s lets one request through, asks that sender to wait, and no other', async (quota, waitSeconds) => {
    const file = tokensFile()
    const flooding = await file.add({})
    limited(quota, file.file)
    const other = await file.add({ binding: { kind: 'tenant', tenant: 'other' } })
    let now = Date.parse('2026-01-01')
    await using tokens = await watchTokens(file, 'authorization', { now: () => now })
    await using receiver = await startReceiver({ admit: tokens.admit })
    const grpcPort = await receiver.listenGrpc()
    expect((await sendProtobuf(receiver.port, request, bearer(flooding))).code).toBe(200)
    const refused = await sendProtobuf(receiver.port, request, bearer(flooding))
    expect([refused.code, statusOf(refused.body)['code']]).toEqual([429, 8])
    const seconds = Number(refused.headers['retry-after'])
    expect(seconds).toBeGreaterThanOrEqual(waitSeconds)
    expect(await sendGrpc(grpcPort, request, { headers: bearer(flooding) })).toMatchObject({
      code: 8,
      said: { RetryInfo: { retryDelay: { seconds: String(seconds) } } },
    })
    expect((await sendProtobuf(receiver.port, request, bearer(other))).code).toBe(200)
    expect(receiver.counted.get('refused quota')).toBe(2)
    now += seconds * 1_000
    expect((await sendGrpc(grpcPort, request, { headers: bearer(flooding) })).code).toBe(0)
  })

  test('of a tenant is shared by its tokens, and what it refuses costs the token nothing', async () => {
    const file = tokensFile()
    const [first, second] = [await file.add({}), await file.add({})]
    limited('requests_per_second: 1', file.file)
    const other = await file.add({ binding: { kind: 'tenant', tenant: 'other' } })
    appendFileSync(file.file, 'tenant_quotas:\n  - { tenant: acme, quota: { requests_per_second: 0.5 } }\n')
    let now = Date.parse('2026-01-01')
    await using tokens = await watchTokens(file, 'authorization', { now: () => now })
    await using receiver = await startReceiver({ admit: tokens.admit })
    const send = async (token: string) => {
      const { code, headers } = await sendProtobuf(receiver.port, request, bearer(token))
      return code === 429 ? headers['retry-after'] : code
    }
    expect([await send(second), await send(first), await send(other)]).toEqual([200, '2', 200])
    now += 2_000
    expect([await send(first), await send(second)]).toEqual([200, '2'])
  })
})
