import { CONTENT_CARRIERS } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { stripTraceRequest } from '#src/redact/index.ts'
import { encodeMessage } from '../otlp/otlp-schema.ts'
import { encodeRequest, hex, intAttribute, requestOf, spanOf, textAttribute } from '../otlp/requests.ts'
import { CANARY, storedSpans } from './stripped.ts'

describe('a request without content', () => {
  test('is stored as it came, without a copy', () => {
    const body = encodeRequest(
      [
        spanOf({
          attributes: [
            textAttribute('gen_ai.operation.name', 'chat'),
            intAttribute('gen_ai.usage.input_tokens', '9007199254740993'),
            textAttribute('outlay.tenant.id', 'acme'),
          ],
          status: { code: 1 },
          events: [{ name: 'retry', attributes: [intAttribute('http.response.status_code', 429)] }],
        }),
      ],
      { attributes: [textAttribute('service.name', 'svc')] },
    )
    const stripped = stripTraceRequest(body)
    expect(stripped.body).toBe(body)
    expect(stripped).toMatchObject({ spanCount: 1, rejected: 0, looksLikeLogs: false })
    expect(Object.values(stripped.redacted).every((count) => count === 0)).toBe(true)
  })
})

describe('limits of a span', () => {
  test('drop and count what exceeds 1024 attributes, events or links', () => {
    const many = <T>(make: (index: number) => T): T[] => Array.from({ length: 1_030 }, (_, index) => make(index))
    const span = spanOf({
      attributes: many((index) => intAttribute(`k${index}`, index)),
      events: many((index) => ({ name: `e${index}` })),
      links: many(() => ({ traceId: hex('01'.repeat(16)), spanId: hex('02'.repeat(8)) })),
      droppedEventsCount: 10,
    })
    const stored = storedSpans(stripTraceRequest(encodeRequest([span])).body)[0]
    expect(stored?.attributes).toHaveLength(1_024)
    expect(stored?.events).toHaveLength(1_024)
    expect(stored?.links).toHaveLength(1_024)
    expect(stored).toMatchObject({ droppedAttributesCount: 6, droppedEventsCount: 16, droppedLinksCount: 6 })
  })

  test('cut span names at 128 bytes', () => {
    const stored = storedSpans(stripTraceRequest(encodeRequest([spanOf({ name: `${'n'.repeat(127)}€` })])).body)
    expect(stored[0]?.name).toBe('n'.repeat(127))
  })
})

describe('spans with bad ids', () => {
  test('are rejected by count and not stored; good ones beside them are', () => {
    const spans = [
      spanOf({ name: 'good' }),
      spanOf({ name: 'short', traceId: hex('01'.repeat(15)) }),
      spanOf({ name: 'zero', spanId: Buffer.alloc(8) }),
      spanOf({ name: 'none', spanId: Buffer.alloc(0) }),
      spanOf({ name: 'parent', parentSpanId: hex('0102') }),
      spanOf({ name: 'root', parentSpanId: Buffer.alloc(8) }),
    ]
    const stripped = stripTraceRequest(encodeRequest(spans))
    expect(storedSpans(stripped.body).map(({ name }) => name)).toEqual(['good', 'root'])
    expect(stripped).toMatchObject({ spanCount: 2, rejected: 4, looksLikeLogs: false })
    expect([...stripped.rejections]).toEqual([
      ['invalid_trace_id', 1],
      ['invalid_span_id', 2],
      ['invalid_parent_span_id', 1],
    ])
  })

  test('that are logs are all rejected, with the suspicion', () => {
    const record = {
      timeUnixNano: '1790000000000000000',
      severityText: 'INFO',
      body: { stringValue: CANARY },
      attributes: [textAttribute('a', 'b')],
      traceId: hex('ff'.repeat(16)),
      spanId: hex('ee'.repeat(8)),
    }
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [record, record] }] }] }
    const stripped = stripTraceRequest(encodeMessage('ExportLogsServiceRequest', logs))
    expect(stripped).toMatchObject({ spanCount: 0, rejected: 2, looksLikeLogs: true })
    expect(stripped.body.includes('CANARY')).toBe(false)
  })
})

describe('what comes out', () => {
  test('is what goes in, once nothing is left to take out', () => {
    const attributes = CONTENT_CARRIERS.map((key) => textAttribute(key.replaceAll('*', 'x'), CANARY))
    const messy = encodeMessage(
      'ExportTraceServiceRequest',
      requestOf([
        spanOf({ attributes, name: 'n'.repeat(500), status: { message: CANARY } }),
        spanOf({ spanId: hex('00') }),
      ]),
    )
    const once = stripTraceRequest(messy)
    const twice = stripTraceRequest(once.body)
    expect(twice.body).toBe(once.body)
    expect(twice.rejected).toBe(0)
  })
})
