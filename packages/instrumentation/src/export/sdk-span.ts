/**
 * Spans of OpenTelemetry's SDKs for JavaScript, 1.x to 3.x: what is used of them, and the same under the names of each. Types of
 * one version do not fit the other's, and an app has the one that it has.
 */
import type { Attributes, HrTime, Link, Span as ApiSpan, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api'

export interface SdkScope {
  readonly name: string
  readonly version?: string | undefined
  readonly schemaUrl?: string | undefined
}

interface Scoped {
  /** From 2.0 on. */
  readonly instrumentationScope?: SdkScope
  /** Until 1.x. */
  readonly instrumentationLibrary?: SdkScope
}

export interface SdkResource {
  readonly attributes: Readonly<Attributes>
}

/** A span that may still change. */
export interface RunningSpan extends ApiSpan, Scoped {
  readonly name: string
  readonly attributes: Attributes
}

export interface EndedSpan extends Scoped {
  readonly name: string
  readonly kind: SpanKind
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly duration: HrTime
  readonly ended: boolean
  readonly status: SpanStatus
  readonly attributes: Attributes
  readonly links: readonly Link[]
  readonly resource: SdkResource
  readonly droppedAttributesCount: number
  readonly droppedEventsCount: number
  readonly droppedLinksCount: number
  /** From 2.0 on. */
  readonly parentSpanContext?: SpanContext | undefined
  /** Until 1.x. */
  readonly parentSpanId?: string | undefined
  spanContext(): SpanContext
}

const NO_SCOPE: SdkScope = { name: '' }

export const scopeOfSpan = ({ instrumentationScope, instrumentationLibrary }: Scoped): SdkScope =>
  instrumentationScope ?? instrumentationLibrary ?? NO_SCOPE

export const parentOfSpan = (span: EndedSpan): SpanContext | undefined => {
  const { parentSpanContext, parentSpanId } = span
  if (parentSpanContext !== undefined || parentSpanId === undefined) return parentSpanContext
  const { traceId, traceFlags } = span.spanContext()
  return { traceId, spanId: parentSpanId, traceFlags }
}

/** What becomes of a batch; `code` 0 is a success. */
export interface SpanExportResult {
  code: number
  error?: Error
}
