import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { describe, expect, test } from 'vitest'
import { readAll } from '../wal/wal-fixture.ts'
import { PROTOBUF } from './answers.ts'
import { exportedSpans } from './exported-spans.ts'
import { send, sendJson, sendProtobuf } from './http-client.ts'
import { decodeMessage } from './otlp-schema.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { jsonRequest, rawField } from './requests.ts'

describe('P1: every encoding', () => {
  const encoders = {
    none: (body: Buffer) => body,
    gzip: (body: Buffer) => gzipSync(body),
    zstd: (body: Buffer) => zstdCompressSync(body),
    deflate: deflateSync,
  }

  test.each(['none', 'gzip', 'zstd', 'deflate'] as const)(
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
