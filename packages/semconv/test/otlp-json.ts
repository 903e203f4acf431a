/** OTLP/JSON trace request → evidence, for fixtures. The collector has its own decoder. */
import type { Attributes, AttributeValue, SpanEvidence } from '@outlay/semconv'

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: string | number
  readonly doubleValue?: number | string
  readonly boolValue?: boolean
}

interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind?: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly OtlpAttribute[]
  readonly status?: { readonly code?: number }
}

export interface OtlpTraceRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] }
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string }
      readonly spans: readonly OtlpSpan[]
    }[]
  }[]
}

const valueOf = (value: OtlpValue): AttributeValue | undefined => {
  if (value.intValue !== undefined) return BigInt(value.intValue)
  if (value.doubleValue !== undefined) return Number(value.doubleValue)
  return value.stringValue ?? value.boolValue
}

const attributesOf = (list: readonly OtlpAttribute[] = []): Attributes =>
  Object.fromEntries(
    list.flatMap(({ key, value }) => {
      const read = valueOf(value)
      return read === undefined ? [] : [[key, read]]
    }),
  )

export const evidenceOf = (request: OtlpTraceRequest): SpanEvidence[] =>
  request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        authority: 'local',
        traceId: span.traceId.toLowerCase(),
        spanId: span.spanId.toLowerCase(),
        parentSpanId: span.parentSpanId?.toLowerCase() ?? '',
        name: span.name,
        kind: span.kind ?? 0,
        statusCode: span.status?.code ?? 0,
        startUnixNano: BigInt(span.startTimeUnixNano),
        endUnixNano: BigInt(span.endTimeUnixNano),
        receivedUnixNano: BigInt(span.endTimeUnixNano) + 1_000n,
        scopeName: scope?.name ?? '',
        scopeVersion: scope?.version ?? '',
        resource: attributesOf(resource?.attributes),
        attributes: attributesOf(span.attributes),
      })),
    ),
  )
