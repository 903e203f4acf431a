/** What the collector makes of the spans of this process, trace by trace. */
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { MeterQuantities } from '@outlay/core'
import { type SettledCall, type SpanEvidence, settleTrace } from '@outlay/semconv'
import { expect } from 'vitest'

export const settledCalls = (spans: readonly ReadableSpan[]): readonly SettledCall[] =>
  [...Map.groupBy(spans, (span) => span.spanContext().traceId).values()].flatMap(settledTrace)

const settledTrace = (spans: readonly ReadableSpan[]): readonly SettledCall[] =>
  settleTrace(
    spans.map((span) => ({
      authority: 'local',
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parentSpanId: span.parentSpanContext?.spanId ?? '',
      name: span.name,
      kind: 3,
      statusCode: span.status.code,
      startUnixNano: 1n,
      endUnixNano: 2n,
      receivedUnixNano: 3n,
      scopeName: span.instrumentationScope.name,
      scopeVersion: span.instrumentationScope.version ?? '',
      resource: {},
      attributes: span.attributes as SpanEvidence['attributes'],
    })),
  ).calls

/** Meters of the only call, those that are not 0. Its attributes and its raw usage object must say the same. */
export const settledMeters = (spans: readonly ReadableSpan[]): MeterQuantities => {
  const calls = settledCalls(spans)
  expect(calls).toHaveLength(1)
  expect(calls[0]).toMatchObject({ usageStatus: 'reported', inclusion: 'raw' })
  expect(calls[0]?.flags).not.toContain('raw_mismatch')
  return Object.fromEntries(Object.entries(calls[0]?.meters ?? {}).filter(([, quantity]) => quantity !== 0))
}
