import type { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { SPAN_ID, TRACE_ID } from './requests.ts'

type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number]

/** Two spans as the SDK hands them to its exporters. */
export const exportedSpans = (): ReadableSpan[] => {
  const base = {
    name: 'chat gpt-5',
    kind: 2,
    spanContext: () => ({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 }),
    startTime: [1_790_000_000, 123_456_789],
    endTime: [1_790_000_001, 0],
    duration: [0, 876_543_211],
    ended: true,
    status: { code: 2, message: 'rate limited' },
    attributes: {
      'gen_ai.usage.input_tokens': 1_234,
      'gen_ai.request.temperature': 0.25,
      'gen_ai.operation.name': 'chat',
      'outlay.batch': false,
      tags: ['a', 'b'],
    },
    events: [{ name: 'exception', time: [1_790_000_000, 5], attributes: { 'exception.type': 'E' } }],
    links: [
      {
        context: { traceId: 'ff'.repeat(16), spanId: 'ee'.repeat(8), traceFlags: 0 },
        attributes: { reason: 'retry' },
        droppedAttributesCount: 1,
      },
    ],
    resource: { attributes: { 'service.name': 'svc' }, asyncAttributesPending: false },
    instrumentationScope: { name: '@outlay/instrumentation', version: '1.0.0' },
    droppedAttributesCount: 2,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
  const child = {
    ...base,
    spanContext: () => ({ traceId: TRACE_ID, spanId: '2122232425262728', traceFlags: 1 }),
    parentSpanContext: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 },
  }
  return [base, child] as unknown as ReadableSpan[]
}
