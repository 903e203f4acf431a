/** OTLP/JSON requests as protobuf, written by OpenTelemetry's own serializer: bytes that no code of ours made. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'

type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number]

interface JsonAttribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string; readonly doubleValue?: string | number }
}

interface JsonSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind?: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly JsonAttribute[]
}

export interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly JsonAttribute[] }
    readonly scopeSpans: readonly { readonly scope?: { readonly name: string }; readonly spans: readonly JsonSpan[] }[]
  }[]
}

const NANOS_PER_SECOND = 1_000_000_000n

const timeOf = (nanos: string): [number, number] => [
  Number(BigInt(nanos) / NANOS_PER_SECOND),
  Number(BigInt(nanos) % NANOS_PER_SECOND),
]

const attributesOf = (attributes: readonly JsonAttribute[] = []): Record<string, string | number> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? Number(intValue ?? doubleValue),
    ]),
  )

const readableSpan = (span: JsonSpan, resource: object, scope: object): ReadableSpan =>
  ({
    name: span.name,
    // The SDK counts kinds from 0, OTLP from 1.
    kind: Math.max((span.kind ?? 0) - 1, 0),
    spanContext: () => ({ traceId: span.traceId, spanId: span.spanId, traceFlags: 1 }),
    ...(span.parentSpanId === undefined
      ? {}
      : { parentSpanContext: { traceId: span.traceId, spanId: span.parentSpanId, traceFlags: 1 } }),
    startTime: timeOf(span.startTimeUnixNano),
    endTime: timeOf(span.endTimeUnixNano),
    duration: [0, 0],
    ended: true,
    status: { code: 0 },
    attributes: attributesOf(span.attributes),
    events: [],
    links: [],
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }) as unknown as ReadableSpan

/** The same spans as one protobuf request. */
export const otelProtobuf = ({ resourceSpans }: JsonRequest): Buffer => {
  const spans = resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const attributed = { attributes: attributesOf(resource?.attributes), asyncAttributesPending: false }
    return scopeSpans.flatMap(({ scope, spans: ofScope }) => {
      const instrumentation = { name: scope?.name ?? '' }
      return ofScope.map((span) => readableSpan(span, attributed, instrumentation))
    })
  })
  return Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? [])
}
