import { describe, expect, test } from 'vitest'
import { PROTOBUF, statusOf } from './answers.ts'
import { send, sendJson, sendProtobuf } from './http-client.ts'
import { decodeMessage, encodeMessage } from './otlp-schema.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, hex, jsonRequest, SPAN_ID, spanOf, TRACE_ID } from './requests.ts'

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
