import { Agent, request } from 'node:http'
import { once } from 'node:events'
import { deflateSync, gzipSync } from 'node:zlib'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { CONTENT_CARRIERS } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { readAll, TemporaryDirectory } from '../wal/wal-fixture.ts'
import { exportedSpans } from './exported-spans.ts'
import { send, sendJson, sendProtobuf, sendRaw } from './http-client.ts'
import { decodeMessage, encodeMessage, type Plain } from './otlp-schema.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, hex, rawField, SPAN_ID, spanOf, textAttribute, TRACE_ID } from './requests.ts'

const PROTOBUF = 'application/x-protobuf'
const statusOf = (body: Buffer): Plain => decodeMessage('RpcStatus', body)
const jsonRequest = (...names: string[]): Plain => ({
  resourceSpans: [{ scopeSpans: [{ spans: names.map((name) => ({ traceId: TRACE_ID, spanId: SPAN_ID, name })) }] }],
})

describe('P1: every encoding', () => {
  const encoders = { none: (body: Buffer) => body, gzip: (body: Buffer) => gzipSync(body), deflate: deflateSync }

  test.each(['none', 'gzip', 'deflate'] as const)(
    'protobuf and JSON with %s are answered 200 in kind',
    async (encoding) => {
      await using receiver = await startReceiver()
      const headers = encoding === 'none' ? {} : { 'content-encoding': encoding.toUpperCase() }
      const protobuf = await sendProtobuf(
        receiver.port,
        encoders[encoding](Buffer.from(ProtobufTraceSerializer.serializeRequest(exportedSpans()) ?? [])),
        headers,
      )
      expect([protobuf.code, protobuf.headers['content-type'], protobuf.body.length]).toEqual([200, PROTOBUF, 0])
      const body = encoders[encoding](Buffer.from(JSON.stringify(jsonRequest('from json'))))
      const json = await send(receiver.port, { body, headers: { 'content-type': 'application/json', ...headers } })
      expect([json.code, json.headers['content-type'], json.body.toString()]).toEqual([200, 'application/json', '{}'])
      expect(await loggedSpans(receiver.wal)).toEqual(['chat gpt-5', 'chat gpt-5', 'from json'])
      expect((await readAll(receiver.wal)).map(({ flags, meta }) => [flags, meta.authority, meta.transport])).toEqual([
        [0, 'local', 'http'],
        [1, 'local', 'http'],
      ])
      expect(receiver.counted.get('in flight')).toBe(0)
    },
  )

  test('the same spans from both exporters are stored as the same request', async () => {
    await using receiver = await startReceiver()
    await sendProtobuf(receiver.port, Buffer.from(ProtobufTraceSerializer.serializeRequest(exportedSpans()) ?? []))
    await sendJson(receiver.port, Buffer.from(JsonTraceSerializer.serializeRequest(exportedSpans()) ?? []).toString())
    const bodies = (await readAll(receiver.wal)).map(({ body }) => decodeMessage('ExportTraceServiceRequest', body))
    for (const body of bodies) expect(body).toEqual(bodies[0])
  })
})

describe('P2: empty requests', () => {
  test.each([
    ['no bytes', Buffer.alloc(0)],
    ['an empty envelope', rawField(1)],
    ['empty envelopes inside', rawField(1, rawField(1), rawField(2, rawField(1)))],
  ])('%s succeed and append nothing', async (_, body) => {
    await using receiver = await startReceiver()
    expect((await sendProtobuf(receiver.port, body)).code).toBe(200)
    expect((await sendProtobuf(receiver.port, gzipSync(body), { 'content-encoding': 'gzip' })).code).toBe(200)
    expect((await sendJson(receiver.port, {})).body.toString()).toBe('{}')
    expect((await sendJson(receiver.port, { resourceSpans: [{ scopeSpans: [{}] }] })).code).toBe(200)
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  test('no bytes under an announced compression succeed as well', async () => {
    await using receiver = await startReceiver()
    expect((await sendProtobuf(receiver.port, Buffer.alloc(0), { 'content-encoding': 'gzip' })).code).toBe(200)
  })
})

describe('P3: what is no trace request', () => {
  test('content types are compared as MIME types', async () => {
    await using receiver = await startReceiver()
    const type = { 'content-type': 'Application/JSON ; charset=UTF-8' }
    expect((await sendJson(receiver.port, jsonRequest('a'), type)).code).toBe(200)
    expect((await send(receiver.port, { path: '/v1/traces/?x=1', headers: type, body: '{}' })).code).toBe(200)
  })

  test.each([undefined, 'text/plain', 'application/grpc', 'application/json-seq'])(
    'content type %s is 415',
    async (type) => {
      await using receiver = await startReceiver()
      const answer = await send(receiver.port, {
        headers: type === undefined ? {} : { 'content-type': type },
        body: '{}',
      })
      expect([answer.code, answer.headers['content-type']]).toEqual([415, 'application/json'])
      expect(JSON.parse(answer.body.toString())).toMatchObject({
        code: 3,
        message: expect.stringContaining('protobuf'),
      })
    },
  )

  test('another method is 405 and says which is allowed', async () => {
    await using receiver = await startReceiver()
    const answer = await send(receiver.port, { method: 'GET', headers: { 'content-type': PROTOBUF } })
    expect([answer.code, answer.headers.allow, answer.headers['content-type']]).toEqual([405, 'POST', PROTOBUF])
    expect(statusOf(answer.body)).toMatchObject({ code: 12 })
  })

  test.each(['/v1/logs', '/v1/metrics', '/', '/v1/traces/more'])(
    '%s is 404 and names the path of traces',
    async (path) => {
      await using receiver = await startReceiver()
      const answer = await send(receiver.port, { path, headers: { 'content-type': PROTOBUF }, body: 'x' })
      expect(answer.code).toBe(404)
      expect(statusOf(answer.body)).toEqual({ code: 12, message: 'only traces are taken here, at /v1/traces' })
    },
  )

  test('an unknown content encoding is 400', async () => {
    await using receiver = await startReceiver()
    const answer = await sendProtobuf(receiver.port, encodeRequest([spanOf()]), { 'content-encoding': 'br' })
    expect([answer.code, statusOf(answer.body)['code']]).toEqual([400, 3])
  })
})

describe('P4 and P6: broken bodies', () => {
  test('a request cut at any byte is 400 with the offset, and nothing is stored', async () => {
    await using receiver = await startReceiver()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const body = encodeRequest([spanOf({ attributes: [textAttribute('a', 'b')] })], {
      attributes: [textAttribute('c', 'd')],
    })
    for (let bytes = 1; bytes < body.length; bytes += 1) {
      const headers = { 'content-type': PROTOBUF }
      const outgoing = request({ agent, port: receiver.port, method: 'POST', path: '/v1/traces', headers })
      outgoing.end(body.subarray(0, bytes))
      const [response] = await once(outgoing, 'response')
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      expect(response.statusCode).toBe(400)
      const status = statusOf(Buffer.concat(chunks)) as { details: { typeUrl: string; value: string }[] }
      expect(status.details[0]?.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest')
      const detail = decodeMessage('BadRequest', hex(status.details[0]?.value ?? ''))
      expect(detail).toMatchObject({ fieldViolations: [{ field: expect.stringMatching(/^byte \d+$/) }] })
    }
    agent.destroy()
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  const whole = gzipSync(encodeRequest([spanOf()]))

  test.each([
    ['plain bytes under a gzip header', encodeRequest([spanOf()]), 'gzip'],
    ['gzip cut short', whole.subarray(0, -4), 'gzip'],
    ['garbage behind gzip', Buffer.concat([whole, Buffer.from('garbage')]), 'gzip'],
    ['garbage behind deflate', Buffer.concat([deflateSync(encodeRequest([spanOf()])), Buffer.from('x')]), 'deflate'],
    ['raw gzip under a deflate header', whole, 'deflate'],
  ])('%s is 400', async (_, body, encoding) => {
    await using receiver = await startReceiver()
    const answer = await sendProtobuf(receiver.port, body, { 'content-encoding': encoding })
    expect([answer.code, statusOf(answer.body)['code']]).toEqual([400, 3])
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  test('several gzip members are one body', async () => {
    await using receiver = await startReceiver()
    const members = Buffer.concat(['a', 'b'].map((name) => gzipSync(encodeRequest([spanOf({ name })]))))
    expect((await sendProtobuf(receiver.port, members, { 'content-encoding': 'gzip' })).code).toBe(200)
    expect(await loggedSpans(receiver.wal)).toEqual(['a', 'b'])
  })
})

describe('P5: broken JSON', () => {
  test('is 400 with the path in JSON, and never a value', async () => {
    await using receiver = await startReceiver()
    const answer = await sendJson(receiver.port, {
      resourceSpans: [{ scopeSpans: [{ spans: [{ startTimeUnixNano: 'SECRET' }] }] }],
    })
    const path = 'resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano'
    const message = `expected an integer at ${path}`
    expect(answer.code).toBe(400)
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 3,
      message,
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: path, description: message }],
        },
      ],
    })
  })

  test.each(['{"SECRET', '['.repeat(100_000), '"SECRET"', '\u0000'])('%.20j is 400', async (text) => {
    await using receiver = await startReceiver()
    const answer = await sendJson(receiver.port, text)
    expect(answer.code).toBe(400)
    expect(answer.body.includes('SECRET')).toBe(false)
  })
})

describe('P7 and P8: spans that cannot be taken', () => {
  const spans = [spanOf({ name: 'good' }), spanOf({ traceId: hex('01') }), spanOf({ spanId: Buffer.alloc(8) })]

  test('are counted in a partial success beside the good ones', async () => {
    await using receiver = await startReceiver()
    const answer = await sendProtobuf(receiver.port, encodeRequest(spans))
    expect(answer.code).toBe(200)
    expect(decodeMessage('ExportTraceServiceResponse', answer.body)).toEqual({
      partialSuccess: { rejectedSpans: '2', errorMessage: 'rejected spans: invalid_trace_id 1, invalid_span_id 1' },
    })
    const json = await sendJson(receiver.port, {
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'zz', spanId: SPAN_ID }] }] }],
    })
    expect(JSON.parse(json.body.toString())).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: 'rejected spans: invalid_trace_id 1' },
    })
    expect(await loggedSpans(receiver.wal)).toEqual(['good'])
    expect(receiver.counted.get('rejected invalid_trace_id')).toBe(2)
  })

  test('that are logs are rejected with the hint where logs go', async () => {
    await using receiver = await startReceiver()
    const logRecords = [{ timeUnixNano: 1, body: { stringValue: 'x' }, traceId: hex(TRACE_ID) }]
    const logs = encodeMessage('ExportLogsServiceRequest', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
    const answer = await sendProtobuf(receiver.port, logs)
    expect(decodeMessage('ExportTraceServiceResponse', answer.body)).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: 'this looks like logs; send them to /v1/logs' },
    })
    expect(receiver.wal.durableLsn).toBe(0n)
  })
})

describe('P12: sizes', () => {
  const MIB = 1024 * 1024
  /** One attribute that will be dropped fills the request to exactly so many bytes. */
  const requestOfBytes = (bytes: number): Buffer => {
    const make = (filler: number) =>
      encodeRequest([spanOf({ attributes: [textAttribute('gen_ai.prompt', 'x'.repeat(filler))] })])
    const overhead = make(bytes - 1_000).length - (bytes - 1_000)
    const body = make(bytes - overhead)
    expect(body.length).toBe(bytes)
    return body
  }

  test.each(['announced', 'chunked', 'gzip'])('64 MiB %s is taken, one byte more is 413', async (how) => {
    await using receiver = await startReceiver()
    const transmit = (body: Buffer) => {
      // Huffman codes alone shrink the filler by a factor of eight: no bomb.
      const compressed = how === 'gzip' ? gzipSync(body, { level: 1, strategy: 2 }) : body
      const headers = { 'content-type': PROTOBUF, ...(how === 'gzip' ? { 'content-encoding': 'gzip' } : {}) }
      const length = how === 'chunked' ? {} : { 'content-length': `${compressed.length}` }
      return send(receiver.port, { body: compressed, headers: { ...headers, ...length } })
    }
    expect((await transmit(requestOfBytes(64 * MIB))).code).toBe(200)
    const refused = await transmit(requestOfBytes(64 * MIB + 1))
    expect([refused.code, statusOf(refused.body)['code']]).toEqual([413, 8])
    expect(refused.headers['retry-after']).toBeUndefined()
    expect(receiver.counted.get('refused too_large')).toBe(1)
    expect(receiver.counted.get('in flight')).toBe(0)
  })

  test('a bomb is 413 at 200 times its size beyond 1 MiB; the same factor below 1 MiB is fine', async () => {
    await using receiver = await startReceiver()
    const gzip = (bytes: number) => gzipSync(requestOfBytes(bytes), { level: 9 })
    const headers = { 'content-encoding': 'gzip' }
    expect((await sendProtobuf(receiver.port, gzip(MIB), headers)).code).toBe(200)
    expect((await sendProtobuf(receiver.port, gzip(8 * MIB), headers)).code).toBe(413)
  })

  test('headers beyond 16 KiB are 431', async () => {
    await using receiver = await startReceiver()
    const answer = await send(receiver.port, { headers: { 'x-large': 'x'.repeat(17_000) } })
    expect(answer.code).toBe(431)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 3 })
  })
})

describe('P14: connections', () => {
  test('are kept after a refusal whose body was read, and after small ones that were not', async () => {
    await using receiver = await startReceiver()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    for (const path of ['/v1/traces', '/v1/logs', '/v1/traces']) {
      const headers = { 'content-type': PROTOBUF }
      const outgoing = request({ agent, port: receiver.port, method: 'POST', path, headers })
      outgoing.end('broken')
      const [response] = await once(outgoing, 'response')
      ports.add(response.socket.localPort)
      for await (const _ of response);
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })

  test('get 100 Continue only for what is admitted', async () => {
    await using receiver = await startReceiver({ bodyBytesMax: 1_000 })
    const head = (length: number) =>
      `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`
    expect(await sendRaw(receiver.port, head(1_001))).toMatch(/^HTTP\/1\.1 413 /)
    expect(await sendRaw(receiver.port, head(0))).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  })

  test('that speak no HTTP are answered 400 and closed', async () => {
    await using receiver = await startReceiver()
    const answer = await sendRaw(receiver.port, 'nonsense\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('{"code":3')
  })
})

describe('overload', () => {
  test('is 503 before the body is read, with a Retry-After of 1 to 3 seconds', async () => {
    await using receiver = await startReceiver({ inFlightBytesMax: 10_000 })
    const answer = await sendProtobuf(receiver.port, Buffer.alloc(10_001))
    expect([answer.code, statusOf(answer.body)['code']]).toEqual([503, 14])
    expect(['1', '2', '3']).toContain(answer.headers['retry-after'])
    const chunked = await send(receiver.port, { body: Buffer.alloc(10_001), headers: { 'content-type': PROTOBUF } })
    expect(chunked.code).toBe(503)
    const bomb = gzipSync(encodeRequest([spanOf({ name: 'x'.repeat(20_000) })]))
    expect((await sendProtobuf(receiver.port, bomb, { 'content-encoding': 'gzip' })).code).toBe(503)
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(200)
    expect(receiver.counted.get('refused memory')).toBe(3)
  })

  test('a full log is 503, and passes', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    faulty.failWhen((operation, path) => (operation === 'writeAt' && path.includes('.seg') ? 'ENOSPC' : undefined))
    const refused = await sendProtobuf(receiver.port, encodeRequest([spanOf()]))
    expect([refused.code, statusOf(refused.body)['message']]).toEqual([503, 'the log is full; try again'])
    faulty.heal()
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(200)
    expect(receiver.wal.durableLsn).toBe(1n)
  })

  test('a failed log never says 200 again', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    faulty.failWhen((operation, path) => (operation === 'sync' && path.includes('.seg') ? 'EIO' : undefined))
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(503)
    faulty.heal()
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(503)
    expect(receiver.counted.get('refused wal_failed')).toBe(2)
  })

  test('draining answers 503 with Retry-After 1 and lets requests under way finish', async () => {
    await using receiver = await startReceiver()
    const underWay = sendProtobuf(receiver.port, encodeRequest([spanOf()]))
    expect((await underWay).code).toBe(200)
    await receiver.server.drain()
    const answer = await sendProtobuf(receiver.port, encodeRequest([spanOf({ name: 'late' })]))
    expect([answer.code, answer.headers['retry-after'], answer.headers.connection]).toEqual([503, '1', 'close'])
    expect(await loggedSpans(receiver.wal)).toEqual(['chat gpt-5'])
  })
})

describe('a request that is sent again', () => {
  const body = encodeRequest([spanOf(), spanOf({ spanId: hex('00') })])

  test('is answered as the first time and stored once, one after the other or at once', async () => {
    await using receiver = await startReceiver()
    const answers = await Promise.all(Array.from({ length: 8 }, () => sendProtobuf(receiver.port, body)))
    answers.push(await sendProtobuf(receiver.port, gzipSync(body), { 'content-encoding': 'gzip' }))
    for (const answer of answers) {
      expect(answer.code).toBe(200)
      expect(decodeMessage('ExportTraceServiceResponse', answer.body)).toMatchObject({
        partialSuccess: { rejectedSpans: '1' },
      })
    }
    expect(receiver.wal.durableLsn).toBe(1n)
    expect(receiver.counted.get('duplicate')).toBe(8)
  })

  test('is recognised after a restart, and for 15 minutes only', async () => {
    await using directory = await TemporaryDirectory.create()
    let now = 1_790_000_000_000
    const clock = { now: () => now }
    const settings = { at: directory.path, clock, log: { clock } }
    {
      await using receiver = await startReceiver(settings)
      await sendProtobuf(receiver.port, body)
    }
    now += 14 * 60_000
    {
      await using receiver = await startReceiver(settings)
      expect((await sendProtobuf(receiver.port, body)).code).toBe(200)
      expect(receiver.wal.durableLsn).toBe(1n)
      now += 2 * 60_000
      expect((await sendProtobuf(receiver.port, body)).code).toBe(200)
      expect(receiver.wal.durableLsn).toBe(2n)
    }
  })

  test('is stored if the first attempt was not', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    faulty.failWhen((operation, path) => (operation === 'writeAt' && path.includes('.seg') ? 'ENOSPC' : undefined))
    const refused = await Promise.all(Array.from({ length: 3 }, () => sendProtobuf(receiver.port, body)))
    expect(refused.map(({ code }) => code)).toEqual([503, 503, 503])
    faulty.heal()
    await sendProtobuf(receiver.port, body)
    expect(receiver.wal.durableLsn).toBe(1n)
  })

  test('by another sender is another request', async () => {
    await using directory = await TemporaryDirectory.create()
    for (const authority of ['a', 'b']) {
      await using receiver = await startReceiver({ at: directory.path, authority })
      await sendProtobuf(receiver.port, body)
      expect(receiver.wal.durableLsn).toBe(authority === 'a' ? 1n : 2n)
    }
  })
})

describe('content', () => {
  const CANARY = 'CANARY tell me a secret'

  test('is in no file of the log, whatever carried it and however it was sent', async () => {
    await using receiver = await startReceiver()
    const attributes = [
      ...CONTENT_CARRIERS.map((key) => textAttribute(key.replaceAll('*', '.0.x'), CANARY)),
      ...['my.prompt', 'last_message', 'exception.message'].map((key) => textAttribute(key, CANARY)),
      textAttribute('enduser.id', CANARY),
      textAttribute('metadata', JSON.stringify({ usage: { note: CANARY } })),
      textAttribute('outlay.usage.raw', JSON.stringify({ input_tokens: 1, text: CANARY })),
      { key: 'outlay.nested', value: { kvlistValue: { values: [{ key: 'k', value: { stringValue: CANARY } }] } } },
    ]
    const otlp = {
      resourceSpans: [
        {
          resource: { attributes },
          scopeSpans: [
            {
              scope: { name: 's', attributes },
              spans: [
                {
                  name: 'n',
                  attributes,
                  status: { code: 2, message: CANARY },
                  events: [
                    { name: 'gen_ai.choice', attributes },
                    { name: 'e', attributes },
                  ],
                  links: [{ attributes }],
                  unknownField: CANARY,
                },
              ],
            },
          ],
        },
      ],
    }
    const withIds = (ids: Plain): Plain => {
      const copy = structuredClone(otlp)
      Object.assign(copy.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {}, ids)
      return copy
    }
    const protobuf = encodeMessage(
      'ExportTraceServiceRequest',
      withIds({ traceId: hex(TRACE_ID), spanId: hex(SPAN_ID) }),
    )
    expect(protobuf.includes('CANARY')).toBe(true)
    expect((await sendProtobuf(receiver.port, protobuf)).code).toBe(200)
    expect((await sendJson(receiver.port, withIds({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'j' }))).code).toBe(200)
    const compressed = gzipSync(
      encodeMessage('ExportTraceServiceRequest', withIds({ traceId: hex(TRACE_ID), spanId: hex(SPAN_ID), name: 'z' })),
    )
    expect((await sendProtobuf(receiver.port, compressed, { 'content-encoding': 'gzip' })).code).toBe(200)
    expect(await loggedSpans(receiver.wal)).toEqual(['n', 'j', 'z'])
    for (const entry of await readdir(receiver.directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const content = await readFile(join(entry.parentPath, entry.name))
      expect([entry.name, content.includes('CANARY')]).toEqual([entry.name, false])
    }
  })
})
