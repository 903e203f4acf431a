import { readFileSync } from 'node:fs'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { describe, expect, test } from 'vitest'
import { decodeTraceRequest, JsonRequestError, transcodeJsonRequest } from '#src/otlp/index.ts'
import { decodeMessage, encodeMessage, type Plain } from './otlp-schema.ts'
import { exportedSpans } from './exported-spans.ts'
import { SPAN_ID, TRACE_ID } from './requests.ts'

const CONTEXT = { authority: 'local', receivedUnixNano: 1n }
const transcode = (request: unknown): Buffer => transcodeJsonRequest(JSON.stringify(request))
const jsonSpan = (span: Plain = {}): Plain => ({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'n', ...span })
const jsonRequest = (...spans: Plain[]): Plain => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
const decodeJson = (request: unknown) =>
  decodeTraceRequest(typeof request === 'string' ? transcodeJsonRequest(request) : transcode(request), CONTEXT)
const attributesOf = (values: readonly unknown[]) =>
  decodeJson(jsonRequest(jsonSpan({ attributes: values.map((value, index) => ({ key: `k${index}`, value })) })))
    .spans[0]?.attributes
const errorOf = (request: unknown): JsonRequestError => {
  try {
    decodeJson(request)
  } catch (error) {
    if (error instanceof JsonRequestError) return error
    throw error
  }
  throw new Error('the request was taken')
}

describe('the JSON mapping of OTLP', () => {
  test('takes ids as hex of either case, and bytes as base64', () => {
    const [span] = decodeJson(
      jsonRequest(
        jsonSpan({
          traceId: TRACE_ID.toUpperCase(),
          parentSpanId: 'AbCdEf0123456789',
          attributes: [
            { key: 'a', value: { bytesValue: '+/8=' } },
            { key: 'b', value: { bytesValue: '-_8' } },
          ],
        }),
      ),
    ).spans
    expect(span).toMatchObject({
      traceId: TRACE_ID,
      parentSpanId: 'abcdef0123456789',
      attributes: { a: '+/8=', b: '+/8=' },
    })
  })

  test.each([
    { traceId: `${TRACE_ID}0` },
    { traceId: `${TRACE_ID.slice(0, 30)}zz` },
    { spanId: '+/8=' },
    { parentSpanId: 'abc' },
    { links: [{ traceId: TRACE_ID, spanId: 'xyz' }] },
    { spanId: '' },
    { traceId: null },
  ])('rejects the one span with %j and keeps the others', (bad) => {
    const decoded = decodeJson(jsonRequest(jsonSpan({ name: 'good' }), jsonSpan(bad)))
    expect(decoded.spans.map(({ name }) => name)).toEqual(['good'])
    expect(decoded).toMatchObject({ rejected: 1, looksLikeLogs: false })
  })

  test('takes 64-bit integers as text or number, exactly', () => {
    const text = JSON.stringify(jsonRequest(jsonSpan({ attributes: [], startTimeUnixNano: 'T' })))
      .replace('"T"', '1790000000000000001')
      .replace(
        '[]',
        '[{"key":"a","value":{"intValue":9007199254740993}},{"key":"b","value":{"intValue":-9223372036854775808}}]',
      )
    const [span] = decodeJson(text).spans
    expect(span?.startUnixNano).toBe(1_790_000_000_000_000_001n)
    expect(span?.attributes).toEqual({ a: 9_007_199_254_740_993n, b: -(2n ** 63n) })
    expect(attributesOf([{ intValue: '9223372036854775807' }, { intValue: 5 }, { intValue: 1e3 }])).toEqual({
      k0: 2n ** 63n - 1n,
      k1: 5n,
      k2: 1_000n,
    })
  })

  test('keeps a number that no 64-bit integer can hold as a double, as it came from one', () => {
    expect(attributesOf([{ intValue: 1e21 }, { intValue: 1.5 }])).toEqual({ k0: 1e21, k1: 1.5 })
  })

  test('takes doubles as number, text, NaN and infinities', () => {
    const values = [1.5, '2.5', 'NaN', 'Infinity', '-Infinity', 3].map((doubleValue) => ({ doubleValue }))
    expect(Object.values(attributesOf(values) ?? {})).toEqual([1.5, 2.5, NaN, Infinity, -Infinity, 3])
  })

  test('takes enums as integers or names', () => {
    const spans = [
      { kind: 3, status: { code: 2 } },
      { kind: 'SPAN_KIND_CLIENT', status: { code: 'STATUS_CODE_ERROR' } },
      { kind: '3', status: { code: '2' } },
    ].map(jsonSpan)
    for (const span of decodeJson(jsonRequest(...spans)).spans) expect(span).toMatchObject({ kind: 3, statusCode: 2 })
    expect(decodeJson(jsonRequest(jsonSpan({ kind: 'SPAN_KIND_OF_TOMORROW' }))).spans[0]?.kind).toBe(0)
  })

  test('ignores unknown fields, snake case, nulls, prototype names and unknown kinds of value at every level', () => {
    const text = `{
      "__proto__": {"resourceSpans": 5}, "constructor": 1, "resource_spans": 7, "future": [[[]]],
      "resourceSpans": [{"resource": null, "scopeSpans": [{"scope": {"name": "s", "x": {}}, "spans": [{
        "traceId": "${TRACE_ID}", "spanId": "${SPAN_ID}", "name": null, "kind": null, "trace_state": 4,
        "attributes": [{"key": "a", "value": {"stringValueStrindex": 3}}, {"key": "b", "value": null}, {"key": "c"}]
      }]}]}]}`
    expect(decodeJson(text).spans).toMatchObject([{ name: '', kind: 0, scopeName: 's', attributes: {} }])
  })

  test('replaces lone surrogates', () => {
    expect(attributesOf([{ stringValue: 'a\uD800b' }])).toEqual({ k0: 'a\uFFFDb' })
  })

  test('keeps empty values of every kind', () => {
    const values = [{ stringValue: '' }, { intValue: 0 }, { boolValue: false }, { bytesValue: '' }, { arrayValue: {} }]
    expect(attributesOf(values)).toEqual({ k0: '', k1: 0n, k2: false, k3: '', k4: '[]' })
  })
})

describe('a JSON request that cannot be read', () => {
  test.each([
    ['{', 'malformed JSON'],
    ['[]', 'a request must be a JSON object'],
    ['null', 'a request must be a JSON object'],
    ['{"resourceSpans":5}', 'expected a list at resourceSpans'],
    ['{"resourceSpans":[5]}', 'expected an object at resourceSpans[0]'],
    [jsonRequest(jsonSpan({ name: 5 })), 'expected a string at resourceSpans[0].scopeSpans[0].spans[0].name'],
    [
      jsonRequest(jsonSpan(), jsonSpan({ startTimeUnixNano: '-1' })),
      'expected an unsigned 64-bit integer at resourceSpans[0].scopeSpans[0].spans[1].startTimeUnixNano',
    ],
    [
      jsonRequest(jsonSpan({ attributes: [{ key: 'k', value: { intValue: 'SECRET' } }] })),
      'expected an integer at resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.intValue',
    ],
    [
      jsonRequest(jsonSpan({ attributes: [{ key: 'k', value: { intValue: '9223372036854775808' } }] })),
      'expected a signed 64-bit integer at resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.intValue',
    ],
    [
      jsonRequest(jsonSpan({ droppedLinksCount: 2 ** 32 })),
      'expected an unsigned 32-bit integer at resourceSpans[0].scopeSpans[0].spans[0].droppedLinksCount',
    ],
    [
      jsonRequest(jsonSpan({ attributes: [{ key: 'k', value: { bytesValue: '***' } }] })),
      'expected base64 at resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.bytesValue',
    ],
  ])('is refused with the place of the first mistake and no value: %j', (request, message) => {
    expect(errorOf(request).message).toBe(message)
  })

  test('nests too deep from 65 levels on, and a hundred thousand levels are no danger', () => {
    const nested = (levels: number): string => `{"x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect(transcodeJsonRequest(nested(64))).toHaveLength(0)
    expect(errorOf(nested(65)).message).toContain('64 levels')
    expect(errorOf(nested(100_000)).message).toContain('64 levels')
    const brackets = JSON.stringify({ x: `${'['.repeat(100)}\\"{` })
    expect(transcodeJsonRequest(brackets)).toHaveLength(0)
  })
})

describe('what real exporters write', () => {
  test('in protobuf and in JSON is the same request, byte for byte after transcoding in meaning', () => {
    const spans = exportedSpans()
    const protobuf = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? [])
    const json = Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString()
    const transcoded = transcodeJsonRequest(json)
    expect(decodeMessage('ExportTraceServiceRequest', transcoded)).toEqual(
      decodeMessage('ExportTraceServiceRequest', protobuf),
    )
    expect(decodeTraceRequest(transcoded, CONTEXT)).toEqual(decodeTraceRequest(protobuf, CONTEXT))
    expect(decodeTraceRequest(protobuf, CONTEXT).spans).toMatchObject([
      {
        name: 'chat gpt-5',
        kind: 3,
        statusCode: 2,
        startUnixNano: 1_790_000_000_123_456_789n,
        scopeName: '@outlay/instrumentation',
        resource: { 'service.name': 'svc' },
        attributes: { 'gen_ai.usage.input_tokens': 1_234n, 'gen_ai.request.temperature': 0.25, tags: '["a","b"]' },
      },
      { parentSpanId: SPAN_ID },
    ])
  })

  const cases = JSON.parse(readFileSync(new URL('../fixtures/otlp-dialect-cases.json', import.meta.url), 'utf8')) as {
    id: string
    otlp: { resourceSpans: { scopeSpans: { spans: Plain[] }[] }[] }
  }[]

  test.each(cases.map(({ id, otlp }) => [id, otlp] as const))(
    'fixture %s equals what protobufjs makes of it',
    (_, otlp) => {
      const bytesOf = (value: unknown): unknown => (typeof value === 'string' ? Buffer.from(value, 'hex') : value)
      const withBytes = structuredClone(otlp)
      for (const { scopeSpans } of withBytes.resourceSpans) {
        for (const { spans } of scopeSpans) {
          for (const span of spans) {
            for (const id of ['traceId', 'spanId', 'parentSpanId']) if (id in span) span[id] = bytesOf(span[id])
          }
        }
      }
      const reference = decodeTraceRequest(encodeMessage('ExportTraceServiceRequest', withBytes), CONTEXT)
      expect(decodeJson(otlp)).toEqual(reference)
      expect(reference.rejected).toBe(0)
    },
  )
})
