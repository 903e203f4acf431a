import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { systemClock } from '@outlay/core'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { TlsFiles, type TlsFilesEvent, type TlsSettings } from '#src/tls/tls-files.ts'
import { createAuthenticator } from '#src/tokens/index.ts'
import { TokenSet } from '#src/tokens/token-set.ts'
import { hashSecret } from '#src/tokens/token-text.ts'
import { exportedSpans } from '../otlp/exported-spans.ts'
import { sendGrpc } from '../otlp/grpc-client.ts'
import { sendRaw } from '../otlp/http-client.ts'
import { startReceiver } from '../otlp/receiver-fixture.ts'
import { encodeRequest, spanOf } from '../otlp/requests.ts'
import { readAll } from '../wal/wal-fixture.ts'
import { issue, type Issued } from './certificates.ts'

const LOCALHOST = { altNames: ['DNS:localhost', 'IP:127.0.0.1'] } as const
const AGENT = 'URI:spiffe://acme/agent'
const ca = issue('our CA')
const server = issue('localhost', { by: ca, ...LOCALHOST })
const body = encodeRequest([spanOf()])
const HEADERS = { 'content-type': 'application/x-protobuf' }

let directory: TempDir
beforeAll(() => {
  directory = tempDir()
})
afterAll(() => directory.remove())

interface OpenTls extends Disposable {
  readonly files: TlsFiles
  readonly events: TlsFilesEvent[]
  put(issued: Issued): void
}

let opened = 0
const openTls = async (tls: Partial<TlsSettings> = {}, clients?: Issued): Promise<OpenTls> => {
  opened += 1
  const [certFile, keyFile, clientCaFile] = ['cert', 'key', 'ca'].map(
    (name) => `${directory.path}/${opened}-${name}.pem`,
  )
  const put = ({ cert, key }: Issued): void => {
    writeFileSync(keyFile ?? '', key)
    writeFileSync(certFile ?? '', cert)
  }
  put(server)
  if (clients !== undefined) writeFileSync(clientCaFile ?? '', clients.cert)
  const events: TlsFilesEvent[] = []
  const files = await TlsFiles.open({
    tls: {
      certFile: certFile ?? '',
      keyFile: keyFile ?? '',
      ...(clients === undefined ? {} : { clientCaFile: clientCaFile ?? '' }),
      ...tls,
    },
    endpoint: 'OTLP/HTTP',
    onEvent: (event) => events.push(event),
  })
  return { files, events, put, [Symbol.dispose]: () => files.close() }
}

/** Answers the status, or the code of the error that ended it. */
const post = async (
  port: number,
  client: Partial<Issued> & ConnectionOptions = {},
  agent?: Agent,
): Promise<unknown> => {
  const { cert, key, maxVersion, minVersion } = client
  const outgoing = httpsRequest({
    host: 'localhost',
    port,
    path: '/v1/traces',
    method: 'POST',
    headers: HEADERS,
    ca: ca.cert,
    agent: agent ?? false,
    ...(cert === undefined ? {} : { cert, key }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(minVersion === undefined ? {} : { minVersion }),
  })
  outgoing.end(body)
  try {
    const [response] = await once(outgoing, 'response')
    for await (const _ of response);
    return response.statusCode
  } catch (error) {
    return (error as { code?: string }).code
  }
}

const grpcOf = ({ cert, key }: Partial<Issued> = {}, root = ca) =>
  credentials.createSsl(
    Buffer.from(root.cert),
    key === undefined ? null : Buffer.from(key),
    cert === undefined ? null : Buffer.from(cert),
  )

const serialOf = async (port: number): Promise<string> => {
  const socket: TLSSocket = connect({ host: 'localhost', port, ca: ca.cert })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

describe('S7: TLS', () => {
  test('carries both transports, for the exporters of the SDK as well', async () => {
    using tls = await openTls()
    await using receiver = await startReceiver({ tls: tls.files })
    const grpcPort = await receiver.listenGrpc()
    expect(await post(receiver.port)).toBe(200)
    expect((await sendGrpc(grpcPort, body, { credentials: grpcOf() })).code).toBe(0)
    const http = new HttpExporter({
      url: `https://localhost:${receiver.port}/v1/traces`,
      httpAgentOptions: { ca: ca.cert },
    })
    const grpc = new GrpcExporter({ url: `https://localhost:${grpcPort}`, credentials: grpcOf() })
    for (const exporter of [http, grpc]) {
      const result = await new Promise<{ code: number }>((resolve) => exporter.export(exportedSpans(), resolve))
      await exporter.shutdown()
      expect(result.code).toBe(0)
    }
    expect(receiver.counted.get('received')).toBe(6)
  })

  test.each([
    ['1.2', 'TLSv1.1', /^(ERR_SSL|EPROTO|ECONNRESET)/],
    ['1.2', 'TLSv1.2', /^200$/],
    ['1.3', 'TLSv1.2', /^(ERR_SSL|EPROTO|ECONNRESET)/],
    ['1.3', 'TLSv1.3', /^200$/],
  ] as const)('from %s on speaks with a client of %s: %s', async (minVersion, maxVersion, expected) => {
    using tls = await openTls({ minVersion })
    await using receiver = await startReceiver({ tls: tls.files })
    expect(String(await post(receiver.port, { maxVersion, minVersion: maxVersion }))).toMatch(expected)
  })

  test('speaks HTTP/2 with a client that offers it, and refuses there as over HTTP/1.1', async () => {
    using tls = await openTls()
    await using receiver = await startReceiver({ tls: tls.files, bodyBytesMax: 100_000 })
    const session = connectHttp2(`https://localhost:${receiver.port}`, { ca: ca.cert })
    const send = async (path: string, bytes: Buffer): Promise<[unknown, unknown]> => {
      const stream = session.request({ ':method': 'POST', ':path': path, ...HEADERS })
      // A refusal may end the stream while the body is still being sent.
      stream.on('error', () => undefined)
      stream.end(bytes)
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      stream.resume()
      return [headers[':status'], headers['connection']]
    }
    expect(session.alpnProtocol ?? (await once(session, 'connect').then(() => session.alpnProtocol))).toBe('h2')
    expect(await send('/v1/traces', body)).toEqual([200, undefined])
    expect(await send('/v1/logs', body)).toEqual([404, undefined])
    expect(await send('/v1/traces', Buffer.alloc(300_000))).toEqual([413, undefined])
    expect(await send('/v1/traces', body)).toEqual([200, undefined])
    expect(receiver.counted.get('duplicate')).toBe(1)
    session.close()
    await once(session, 'close')
  })
})

describe('S7: a sender that does not speak TLS', () => {
  test('is told nothing in the clear', async () => {
    using tls = await openTls()
    await using receiver = await startReceiver({ tls: tls.files })
    expect(await sendRaw(receiver.port, 'POST /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n')).not.toContain('HTTP')
    expect(await post(receiver.port)).toBe(200)
  })
})

describe('S7: a certificate', () => {
  test('is changed while requests are under way: those get their answer, new connections the new one', async () => {
    using tls = await openTls()
    await using receiver = await startReceiver({ tls: tls.files })
    const grpcPort = await receiver.listenGrpc()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await post(receiver.port, {}, agent)).toBe(200)
    const before = [await serialOf(receiver.port), await serialOf(grpcPort)]
    const underWay = connectHttp2(`https://localhost:${receiver.port}`, { ca: ca.cert })
    const stream = underWay.request({ ':method': 'POST', ':path': '/v1/traces', ...HEADERS })
    stream.write(body.subarray(0, 10))
    await once(underWay, 'remoteSettings')
    tls.put(issue('localhost', { by: ca, ...LOCALHOST }))
    await tls.files.reload()
    expect(tls.events).toEqual([{ type: 'tls_reloaded', endpoint: 'OTLP/HTTP' }])
    stream.end(body.subarray(10))
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(headers[':status']).toBe(200)
    underWay.destroy()
    expect(await post(receiver.port, {}, agent)).toBe(200)
    agent.destroy()
    expect(before).not.toContain(await serialOf(receiver.port))
    expect(before).not.toContain(await serialOf(grpcPort))
    expect((await sendGrpc(grpcPort, body, { credentials: grpcOf() })).code).toBe(0)
  })

  test('that cannot be used at a reload leaves the old one, and that is said once until it is right', async () => {
    using tls = await openTls({ reloadIntervalMs: 5 })
    await using receiver = await startReceiver({ tls: tls.files })
    tls.put({ ...server, key: issue('other').key })
    await vi.waitUntil(() => tls.events.length > 0)
    await tls.files.reload()
    expect(tls.events).toMatchObject([{ type: 'tls_refused', error: { code: 'E_TLS_FILES' } }])
    expect(await post(receiver.port)).toBe(200)
    tls.put(server)
    await vi.waitUntil(() => tls.events.at(-1)?.type === 'tls_reloaded')
  })

  test('that cannot be read at the start is refused with its path', async () => {
    await expect(openTls({ keyFile: `${directory.path}/none.pem` })).rejects.toMatchObject({
      code: 'E_TLS_FILES',
      message: expect.stringMatching(/none\.pem: .*ENOENT/),
    })
  })
})

describe('S7: a client certificate', () => {
  const clients = issue('CA of clients')
  const agentOf = (altName: string, by = clients, days = 1) => issue('agent', { by, altNames: [altName], days })

  test('is asked for where a CA is set: none, one of another CA and an expired one end the handshake', async () => {
    using tls = await openTls({}, clients)
    await using receiver = await startReceiver({ tls: tls.files })
    const grpcPort = await receiver.listenGrpc()
    const refused = [{}, agentOf(AGENT, ca), agentOf(AGENT, clients, -1)]
    for (const client of refused) {
      expect(await post(receiver.port, client)).not.toBe(200)
      expect((await sendGrpc(grpcPort, body, { credentials: grpcOf(client) })).code).toBe(14)
    }
    expect(receiver.wal.durableLsn).toBe(0n)
    expect(await post(receiver.port, agentOf(AGENT))).toBe(200)
    expect((await sendGrpc(grpcPort, body, { credentials: grpcOf(agentOf(AGENT)) })).code).toBe(0)
  })

  test('stands for nobody where its tenant is the account of a token, and a token goes before it', async () => {
    using tls = await openTls({}, clients)
    const tokens = new TokenSet({
      tokens: [
        {
          id: 'abcd',
          secretHash: hashSecret('s'.repeat(43)),
          scopes: new Set(['ingest']),
          binding: { kind: 'trusted', account: 'acme' },
          quota: {},
        },
      ],
      tenantQuotas: new Map(),
    })
    const settings = { tokens: () => tokens, header: 'authorization', clock: systemClock }
    const admit = createAuthenticator(settings)(new Map([[AGENT, 'acme']]))
    await using receiver = await startReceiver({ tls: tls.files, admit })
    const client = { credentials: grpcOf(agentOf(AGENT)) }
    const grpcPort = await receiver.listenGrpc()
    expect((await sendGrpc(grpcPort, body, client)).code).toBe(7)
    const headers = { authorization: `Bearer ok_abcd_${'s'.repeat(43)}` }
    expect((await sendGrpc(grpcPort, body, { ...client, headers })).code).toBe(0)
    expect((await readAll(receiver.wal)).map(({ meta }) => meta.tokenId)).toEqual(['abcd'])
  })

  test('names the tenant by a name in it; a name that is not on the map is 403, over both transports', async () => {
    using tls = await openTls({}, clients)
    const authenticator = createAuthenticator({ tokens: undefined, header: 'authorization', clock: systemClock })
    const admit = authenticator(new Map([[AGENT, 'acme']]))
    await using receiver = await startReceiver({ tls: tls.files, admit })
    const grpcPort = await receiver.listenGrpc()
    for (const [client, http, grpc] of [
      [agentOf('URI:spiffe://other/agent'), 403, 7],
      [agentOf(AGENT), 200, 0],
    ] as const) {
      expect(await post(receiver.port, client)).toBe(http)
      expect((await sendGrpc(grpcPort, body, { credentials: grpcOf(client) })).code).toBe(grpc)
      const session = connectHttp2(`https://localhost:${receiver.port}`, { ca: ca.cert, ...client })
      const stream = session.request({ ':method': 'POST', ':path': '/v1/traces', ...HEADERS })
      stream.end(body)
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      expect(headers[':status']).toBe(http)
      session.close(() => undefined)
      session.destroy(undefined, constants.NGHTTP2_NO_ERROR)
    }
    expect((await readAll(receiver.wal)).map(({ meta }) => [meta.authority, meta.tenant])).toEqual([['acme', 'acme']])
  })
})
