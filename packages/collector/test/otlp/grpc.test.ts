import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { describe, expect, test } from 'vitest'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { readAll } from '../wal/wal-fixture.ts'
import { exportedSpans } from './exported-spans.ts'
import { sendGrpc } from './grpc-client.ts'
import { sendProtobuf } from './http-client.ts'
import { decodeMessage } from './otlp-schema.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, hex, rawField, SPAN_ID, spanOf, textAttribute, TRACE_ID } from './requests.ts'

const request = encodeRequest([spanOf({ name: 'chat' })])

describe('OTLP over gRPC', () => {
  test.each([false, true])('takes a request, compressed %s, and answers with an empty message', async (gzip) => {
    await using receiver = await startReceiver()
    const port = await receiver.listenGrpc()
    expect(await sendGrpc(port, request, { gzip })).toMatchObject({ code: 0, body: Buffer.alloc(0) })
    expect(await loggedSpans(receiver.wal)).toEqual(['chat'])
    expect((await readAll(receiver.wal)).map(({ meta }) => meta.transport)).toEqual(['grpc'])
    expect(receiver.counted.get('request grpc 0')).toBe(1)
    expect(receiver.counted.get('in flight')).toBe(0)
  })

  test('stores from the exporter of the SDK what it stores from the one over HTTP, once', async () => {
    await using receiver = await startReceiver()
    const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${await receiver.listenGrpc()}` })
    const result = await new Promise<{ code: number }>((resolve) => exporter.export(exportedSpans(), resolve))
    await exporter.shutdown()
    expect(result.code).toBe(0)
    await sendProtobuf(receiver.port, Buffer.from(ProtobufTraceSerializer.serializeRequest(exportedSpans()) ?? []))
    expect(await loggedSpans(receiver.wal)).toEqual(['chat gpt-5', 'chat gpt-5'])
    expect(receiver.counted.get('duplicate')).toBe(2)
  })

  test('takes an empty request without a record', async () => {
    await using receiver = await startReceiver()
    expect((await sendGrpc(await receiver.listenGrpc(), Buffer.alloc(0))).code).toBe(0)
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  test('keeps the good spans and counts the bad ones', async () => {
    await using receiver = await startReceiver()
    const body = encodeRequest([spanOf({ name: 'good' }), spanOf({ name: 'bad', spanId: Buffer.alloc(3) })])
    const answer = await sendGrpc(await receiver.listenGrpc(), body)
    expect(decodeMessage('ExportTraceServiceResponse', answer.body)).toMatchObject({
      partialSuccess: { rejectedSpans: '1' },
    })
    expect(await loggedSpans(receiver.wal)).toEqual(['good'])
  })

  test('refuses a broken message with the byte, and never a value', async () => {
    await using receiver = await startReceiver()
    const answer = await sendGrpc(await receiver.listenGrpc(), Buffer.concat([request, Buffer.from([0x0a, 0xff])]))
    expect(answer).toMatchObject({
      code: 3,
      said: { BadRequest: { fieldViolations: [{ field: expect.stringMatching(/^byte \d+$/) }] } },
    })
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  test.each([false, true])(
    'refuses what is too large for ever, compressed %s, without asking for a retry',
    async (gzip) => {
      await using receiver = await startReceiver({ bodyBytesMax: 10_000 })
      const port = await receiver.listenGrpc()
      const body = encodeRequest([spanOf({ attributes: [textAttribute('gen_ai.prompt', 'x'.repeat(20_000))] })])
      expect(await sendGrpc(port, body, { gzip })).toMatchObject({ code: 8, said: {} })
      expect(receiver.counted.get('refused too_large')).toBe(1)
      expect(receiver.counted.get('request grpc 8')).toBe(1)
      expect((await sendGrpc(port, request, { gzip })).code).toBe(0)
    },
  )

  test.each([
    [1_048_583, false],
    [1_048_583, true],
    [5 * 1_048_576, false],
  ])('takes the %d bytes that are configured, inflated %s, and refuses one byte more', async (bodyBytesMax, gzip) => {
    await using receiver = await startReceiver({ bodyBytesMax })
    const port = await receiver.listenGrpc()
    const make = (filler: number): Buffer => {
      const prompt = rawField(
        9,
        rawField(1, Buffer.from('gen_ai.prompt')),
        rawField(2, rawField(1, Buffer.alloc(filler, 'x'))),
      )
      const span = [rawField(1, hex(TRACE_ID)), rawField(2, hex(SPAN_ID)), rawField(5, Buffer.from('large')), prompt]
      return rawField(1, rawField(2, rawField(2, ...span)))
    }
    const overhead = make(bodyBytesMax - 1_000).length - (bodyBytesMax - 1_000)
    const [largest, larger] = [make(bodyBytesMax - overhead), make(bodyBytesMax - overhead + 1)]
    expect([largest.length, larger.length]).toEqual([bodyBytesMax, bodyBytesMax + 1])
    expect((await sendGrpc(port, largest, { gzip })).code).toBe(0)
    expect(await sendGrpc(port, larger, { gzip })).toMatchObject({ code: 8, said: {} })
    expect(await loggedSpans(receiver.wal)).toEqual(['large'])
    expect(receiver.counted.get('in flight')).toBe(0)
  })

  test('asks for a retry in 1 to 3 seconds while there is no room', async () => {
    await using receiver = await startReceiver({ inFlightBytesMax: request.length - 1 })
    const answer = await sendGrpc(await receiver.listenGrpc(), request)
    expect(answer).toMatchObject({
      code: 14,
      said: { RetryInfo: { retryDelay: { seconds: expect.stringMatching(/^[123]$/) } } },
    })
    expect(receiver.counted.get('refused memory')).toBe(1)
    expect(receiver.counted.get('in flight') ?? 0).toBe(0)
  })

  test('asks for a retry when the log cannot be written: nothing was acked', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    const port = await receiver.listenGrpc()
    faulty.failWhen((operation, path) => (operation === 'sync' && path.includes('.seg') ? 'EIO' : undefined))
    expect(await sendGrpc(port, request)).toMatchObject({ code: 14, said: { RetryInfo: {} } })
  })

  test('asks for a retry while it shuts down', async () => {
    await using receiver = await startReceiver()
    const port = await receiver.listenGrpc()
    await receiver.grpc.drain()
    expect(await sendGrpc(port, request)).toMatchObject({
      code: 14,
      said: { RetryInfo: { retryDelay: { seconds: '1' } } },
    })
    expect(receiver.counted.get('refused draining')).toBe(1)
  })

  test('has no other service: logs and metrics are not taken', async () => {
    await using receiver = await startReceiver()
    const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
    expect((await sendGrpc(await receiver.listenGrpc(), request, { path })).code).toBe(12)
  })

  test('says why an address cannot be bound', async () => {
    await using receiver = await startReceiver()
    await expect(receiver.grpc.listen({ host: '127.0.0.1', port: receiver.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})
