/** Evidence → the OTLP/JSON request that brings it. */
import type { Attributes, AttributeValue, SpanEvidence } from '@outlay/semconv'

const valueOf = (value: AttributeValue): object => {
  if (typeof value === 'bigint') return { intValue: value.toString() }
  if (typeof value === 'number') return { doubleValue: value }
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value }
}

const attributesOf = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }))

/** One resource and one scope per span: what belongs together is not said. */
export const requestOf = (spans: readonly SpanEvidence[]): object => ({
  resourceSpans: spans.map((span) => ({
    resource: { attributes: attributesOf(span.resource) },
    scopeSpans: [
      {
        scope: { name: span.scopeName, version: span.scopeVersion },
        spans: [
          {
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId,
            name: span.name,
            kind: span.kind,
            startTimeUnixNano: span.startUnixNano.toString(),
            endTimeUnixNano: span.endUnixNano.toString(),
            attributes: attributesOf(span.attributes),
            status: { code: span.statusCode },
          },
        ],
      },
    ],
  })),
})
